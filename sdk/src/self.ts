import type { AgentId } from '@ambit/protocol';
import type { Confirmation } from './wire/assertion.ts';
import type { SigningKey } from './wire/key.ts';
import type { Wire } from './wire/wire.ts';

/** Where the text comes from by which the platform vouches for the workload. Asked anew at each login, and handed on as it is. */
export type Workload =
  /** A JWT-SVID of SPIFFE whose only audience is the issuer of tokens. */
  | { readonly svid: () => string | Promise<string> }
  /** The OIDC token of a CI job or a service account, for that audience which a rule of the agent names. */
  | { readonly token: () => string | Promise<string> };

/**
 * Who the agent is on the wire: its registered key says who, its proof key says which instance; or its certificate says
 * both, and nothing is signed.
 */
export type Self = {
  readonly wire: Wire;
  readonly agent: AgentId;
  /** What the agent's platform says of it, at each login; null where the agent signs for itself or shows a certificate. */
  readonly workload: Workload | null;
  /** Asked for when something is signed: the key of a certificate may be one that signs nothing here. */
  readonly key: () => Promise<SigningKey>;
  /** Null where the connection itself shows the key. */
  readonly proofKey: SigningKey | null;
  /** What an offer is bound to: the proof key, or the certificate. */
  readonly confirmation: Confirmation;
  /** The issuer's identifier, which assertions and offers are for. */
  readonly issuer: () => Promise<string>;
};
