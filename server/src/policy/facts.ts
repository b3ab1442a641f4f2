import type {
  AgentId,
  AgentUserId,
  ApprovalId,
  Authority,
  CredentialId,
  Decimal,
  EntryId,
  Grant,
  RefusalCode,
  RememberedId,
  ShownSum,
  TaskId,
} from '@ambit/protocol';
import type { CallFacts } from '../authority/index.ts';
import type { Around, Check } from '../foundation/index.ts';
import type { Agent, Person } from '../identity/index.ts';
import type { Chain, Elevation } from '../tasks/index.ts';
import type { Question } from './question.ts';

/**
 * Everything that a decision reads, gathered before it: a snapshot. Rooms to the right fill in what they know; `admit`
 * checks again, row by row, that it still holds.
 */
export type Facts = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The task and every task above it. */
  readonly chain: Chain;
  /**
   * Under which elevations the call would be made, at most one of a link: there the elevation covers it and is charged,
   * and not the task. Nearly always empty.
   */
  readonly elevated: readonly Elevation[];
  /** The agent of each link, in the same order. */
  readonly agents: readonly Agent[];
  /** Who owns those agents, in the same order. */
  readonly owners: readonly Person[];
  /** The person who asked; null where the agent opened the task itself. */
  readonly requester: Person | null;
  readonly call: CallFacts;
  /** Digest of the call as it will be sent. */
  readonly callDigest: string;
  readonly credential: CredentialId | null;
  readonly agentUser: AgentUserId | null;
  /** What else bounds the call: ceilings, what the requester may delegate, the standing grant. */
  readonly bounds: readonly Bound[];
  /** A sum is limited, and the money of the call cannot be counted in it. */
  readonly uncountable: {
    readonly code: RefusalCode;
    readonly because: string;
    readonly says: string;
    /** What it is limited in. */
    readonly currency: string;
  } | null;
  /** Counters that a permit would charge, with what stands on them. */
  readonly charges: readonly ChargeFact[];
  /** Sums behind the asks of each link, by `linkCounter`. */
  readonly spent: ReadonlyMap<string, Decimal>;
  /** Too fast, or the breaker is open: a refusal that was found before deciding, with its sentences. */
  readonly halted: Halt | null;
  /** A write with this digest ended as `unknown` and nobody has looked: the entry that says so. */
  readonly unknownBefore: EntryId | null;
  /** The yes of a person to this very call, when a parked call resumes. */
  readonly approval: ApprovalFact | null;
  /** A yes that is remembered for calls like this one. Read only where a person would be asked. */
  readonly remembered: RememberedFact | null;
  /** The same call as the organisation's rules see it. */
  readonly question: Question;
  /** What must still be so, row by row, when the call is admitted. */
  readonly stands: readonly Check[];
};

export type Bound = { readonly whose: string; readonly authority: Authority; readonly code: RefusalCode };

export type Halt = { readonly code: RefusalCode; readonly because: string; readonly retryAfterSeconds: number };

export type ChargeFact = {
  readonly counter: string;
  /** Start of the window in epoch milliseconds; 0 without one. */
  readonly window: number;
  readonly by: Decimal;
  /** Null for sums that only asks look at. */
  readonly max: Decimal | null;
  /** Which windows of the counter count together with that one; none unless given. */
  readonly around?: Around;
  /** All that counts against `max`. */
  readonly used: Decimal;
  /** How much of it stands on counters that nothing adds to any more; nothing unless given. */
  readonly besides?: Decimal;
  readonly otherwise: RefusalCode;
  /** What the agent may hear when it is passed: its own limit, never the sums of others. */
  readonly says: string;
  /** When there is room again, in epoch milliseconds; null where there never will be. */
  readonly freeAt: number | null;
};

export type ApprovalFact = {
  readonly id: ApprovalId;
  readonly callDigest: string;
  /** The asks that the person was shown. A yes answers these and no others. */
  readonly asks: readonly AskedFact[];
  /** Those of the other questions that were answered by the same signature. */
  readonly together: readonly (readonly AskedFact[])[];
  /** Who said yes. They have to stand when the call is admitted, as they stood when these facts were read. */
  readonly by: readonly Person[];
};

/** A person's yes to one call that stands for equal or smaller ones of the same task, within what was signed. */
export type RememberedFact = {
  readonly id: RememberedId;
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly grant: Grant;
  /** Epoch milliseconds. */
  readonly until: number;
  /** The asks that the person was shown, with the rules that were in force: others are asked anew. */
  readonly asks: readonly AskedFact[];
  readonly policyVersion: string;
  /** Counters of its own that a permit by it would charge. */
  readonly charges: readonly ChargeFact[];
  /** The entry of the answer. */
  readonly answered: EntryId;
  /** When that was, in words. */
  readonly when: string;
  readonly by: Person;
  /** What must still be so, row by row, when the call is admitted by it. */
  readonly stands: readonly Check[];
};

export type AskedFact = { readonly ask: string; readonly reason: string; readonly over?: ShownSum };

/** The sum behind an ask belongs to one link of the chain, or to one bound beside it. */
export const linkCounter = (owner: string, counter: string): string => `${owner}|${counter}`;
