import type { AgentId } from '@ambit/protocol';
import type { Confirmation } from './wire/assertion.ts';
import type { SigningKey } from './wire/key.ts';
import type { Wire } from './wire/wire.ts';

/**
 * Who the agent is on the wire: its registered key says who, its proof key says which instance; or its certificate says
 * both, and nothing is signed.
 */
export type Self = {
  readonly wire: Wire;
  readonly agent: AgentId;
  /** Asked for when something is signed: the key of a certificate may be one that signs nothing here. */
  readonly key: () => Promise<SigningKey>;
  /** Null where the connection itself shows the key. */
  readonly proofKey: SigningKey | null;
  /** What an offer is bound to: the proof key, or the certificate. */
  readonly confirmation: Confirmation;
  /** The issuer's identifier, which assertions and offers are for. */
  readonly issuer: () => Promise<string>;
};
