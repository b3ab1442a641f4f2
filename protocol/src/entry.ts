import type { AgentId, AgentUserId, EntryId, PersonId, TaskId, TenantId } from './ids.ts';

/**
 * What a registered workload is: an agent, a service that acts by itself, somebody else's workload, or the own client of
 * the person who owns it. It is fixed when the workload is registered.
 */
export const workloadKinds = ['agent', 'service', 'partner', 'client'] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

/** An agent acts on behalf of the person who asked, or by itself, as its owner signed. */
export type Capacity = 'on-behalf' | 'own';

export const capacityOf = (requester: PersonId | null): Capacity => (requester === null ? 'own' : 'on-behalf');

/** Who did it. Three records, never one: the person who asked, the agent that acts, the user-shaped record it acts as. */
export type Who = {
  readonly requester: PersonId | null;
  readonly agent: AgentId | null;
  readonly agentUser: AgentUserId | null;
  /** Of the workload in `agent`; absent where there is none, and in entries of releases that knew agents alone. */
  readonly kind?: WorkloadKind;
  /** In which capacity the agent acts; absent where it acts for no task, and in entries of older releases. */
  readonly capacity?: Capacity;
  /** Who set this very thing in motion: a person, an agent, an enforcement point, or the plane itself. */
  readonly initiator: string;
  /** Thumbprint (RFC 7638) of the instance key in use, or the id of the static key. */
  readonly instance: string | null;
  readonly environment: string | null;
  readonly zone: string | null;
  /** The door it came through: `gateway`, `oauth`, `api`, `operator`, `authzen`, `auth-request`, `plane`. */
  readonly channel: string;
  /** How the caller proved itself: `dpop`, `private_key_jwt`, `person-key`, `enrolment`, `template-key`, `none`. */
  readonly proof: string;
};

/** A row of a governed table that this entry explains: the hash of what the row became, or null when it was removed. */
export type RowChange = { readonly table: string; readonly key: string; readonly hash: string | null };

/** The public half of an entry: what the leaf hash covers. The detail hangs on it by a salted hash only. */
export type EntryHeader = {
  readonly v: 1;
  readonly id: EntryId;
  readonly tenant: TenantId;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `room.what-happened`, e.g. `call.decided`, `call.outcome`, `task.opened`. */
  readonly kind: string;
  readonly who: Who;
  readonly task: TaskId | null;
  /** The root task of the run. */
  readonly run: TaskId | null;
  /** The entry that this one completes (an outcome names its decision). */
  readonly about: EntryId | null;
  readonly action: string | null;
  readonly decision: 'permit' | 'ask' | 'deny' | null;
  /** Refusal code or outcome: `authority.not_covered`, `done`, `unknown`. */
  readonly code: string | null;
  /** Resource keys, e.g. `shop:order/1042`. */
  readonly keys: readonly string[];
  readonly changes: readonly RowChange[];
  /** `sha-256:` and base64url of SHA-256(salt ‖ canonical JSON of the detail). */
  readonly detailHash: string;
};
