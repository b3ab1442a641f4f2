import type { AgentId } from '@ambit/protocol';
import type { TlsPeer } from '../foundation/index.ts';
import type { ClientMethod } from '../identity/index.ts';
import type { TokenKeys } from './keys.ts';
import type { SvidIssuer } from './svids/svid-authority.ts';

/** Who issues tokens, and where they are good. */
export type Issuer = {
  /** The public origin of the agents' listener: `iss`, and the audience of the tokens of tasks. */
  readonly url: string;
  readonly trustDomain: string;
  /** SVIDs of that trust domain; null where none are issued. */
  readonly svids: SvidIssuer;
  /** The public origin of the listener that takes certificates; null where there is none. */
  readonly tls: { readonly url: string } | null;
  readonly ttlSeconds: number;
  /** The ways in which agents may prove themselves here. */
  readonly clients: readonly ClientMethod[];
  /** How soon those who verify tokens offline hear that one ended, in seconds. */
  readonly statusSeconds: number;
  /** A random whole number from 0 up to, and without, `below`. */
  readonly pick: (below: number) => number;
  /** Read anew for every token, so that a rotation needs no restart. */
  readonly keys: () => TokenKeys;
};

/** The public origin that a request was sent to, by the listener it came on. */
export const originOf = (issuer: Pick<Issuer, 'url' | 'tls'>, peer: TlsPeer | null): string =>
  peer === null || issuer.tls === null ? issuer.url : issuer.tls.url;

/** What tokens of tasks are for: the gateway, and what an agent does about that very task. */
export const taskAudience = (issuer: Pick<Issuer, 'url'>): string => issuer.url;
/** What tokens without a task are for: the plane's own API and nothing behind it. */
export const planeAudience = (issuer: Pick<Issuer, 'url'>): string => `${issuer.url}/v1`;

/** The SPIFFE ID of an agent. */
export const actorName = (trustDomain: string, agent: AgentId): string => `spiffe://${trustDomain}/agent/${agent}`;

/** RFC 9728 §3.1: where it is described what those tokens are for. */
export const metadataOf = ({ url }: Pick<Issuer, 'url'>, tokenFor: 'task' | 'plane'): string =>
  `${url}/.well-known/oauth-protected-resource${tokenFor === 'task' ? '' : '/v1'}`;
