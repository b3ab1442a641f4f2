import type { AgentId, AgentUserId, CredentialId, EntryId, TaskId, TenantId } from '@ambit/protocol';
import type { Secret } from '../foundation/index.ts';
import type { ClientIdentity } from '../foundation/outbound/index.ts';

/** Stands in one place only: the gateway puts it on what it has admitted. */
export const admittedMark: unique symbol = Symbol('ambit.admitted');

/**
 * What the vault needs to know of an admitted call. There is no other way to a loan: the call was permitted, its
 * budget is reserved and `entry` is durable.
 */
export type LoanFor = {
  readonly [admittedMark]: true;
  readonly tenant: TenantId;
  /** The entry that permits this call. */
  readonly entry: EntryId;
  /** Who calls, and for which task. */
  readonly agent: AgentId;
  readonly task: TaskId;
  /** Where the call goes: scheme, host and port. */
  readonly origin: string;
  readonly api: string;
  readonly agentUser: AgentUserId | null;
  /** As it stood in the digest that was decided; null where the call goes out with none. */
  readonly credential: CredentialId | null;
};

/** The parts of a request that a credential can stand in. */
export type Carrier = {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Percent-encoded, without the question mark; empty where there is none. */
  readonly query: string;
};

/** A secret lent to one request. It ends with it. */
export type Loan = {
  readonly entry: EntryId;
  readonly origin: string;
  readonly credential: CredentialId | null;
  readonly version: number | null;
  /** The request with the credential in its place. Works once: a second use is a fault. */
  apply(carrier: Carrier): Carrier;
  /** What must not come back in the answer, in any form. */
  readonly watched: readonly Secret[];
  /** What the connection shows of itself; null where the credential stands in the request, or there is none. */
  readonly identity: ClientIdentity | null;
  /** The agent that it names to the API; null where it is the same whoever calls. */
  readonly speaksFor: AgentId | null;
};

/** A lender that puts one kind of secret into a request. */
export type Placing = (carrier: Carrier) => Carrier;

/** What a lender gives for one call. */
export type Lent = {
  readonly version: number | null;
  readonly watched: readonly Secret[];
  readonly place: Placing;
  readonly identity?: ClientIdentity;
  readonly speaksFor?: AgentId;
};

export function makeLoan(call: LoanFor, lent: Lent): Loan {
  let used = false;
  return {
    entry: call.entry,
    origin: call.origin,
    credential: call.credential,
    version: lent.version,
    watched: lent.watched,
    identity: lent.identity ?? null,
    speaksFor: lent.speaksFor ?? null,
    apply(carrier) {
      if (used) throw new Error(`the loan for ${call.entry} was used already`);
      used = true;
      return lent.place(carrier);
    },
  };
}
