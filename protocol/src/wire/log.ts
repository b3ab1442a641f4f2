import type { EntryHeader } from '../entry.ts';
import type { AgentId, EntryId, PersonId, TaskId } from '../ids.ts';
import type { Receipt } from '../receipt.ts';
import type { DenialSaid } from '../said/denials/say-denial.ts';

export type Checkpoint = {
  /** A signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  /** Entries that it covers. */
  readonly size: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The verifier key of the log. Have it from elsewhere too before you rely on it. */
  readonly key: string;
};

export type EntryShown = {
  readonly header: EntryHeader;
  /** What an entry of that kind says. */
  readonly says: string;
  /** Names of whom it names, by id. */
  readonly names: Readonly<Record<string, string>>;
  /** Why it denied, in words for people; null where it did not, or was written before a denial was kept in parts. */
  readonly denied: DenialSaid | null;
  readonly detail: unknown;
  readonly receipt: Receipt;
};

/** RFC 6962 §2.1.1; hashes in base64. */
export type InclusionProof = {
  readonly entry: EntryId;
  readonly index: number;
  readonly size: number;
  readonly leaf: string;
  readonly path: readonly string[];
};

/** RFC 6962 §2.1.2; hashes in base64. */
export type ConsistencyProof = { readonly older: number; readonly newer: number; readonly path: readonly string[] };

/** Newest first. A page may hold few or none and still go on: `next` is null where the log was looked through. */
export type LogPage = {
  readonly now: number;
  readonly entries: readonly { readonly index: number; readonly header: EntryHeader; readonly says: string }[];
  /** Names of whom they name, by id. */
  readonly names: Readonly<Record<string, string>>;
  readonly next: number | null;
};

export type DecisionStats = {
  readonly by: 'kind' | 'agent' | 'action';
  /** Epoch milliseconds; the first is in it, the last is not. */
  readonly since: number;
  readonly until: number;
  readonly decisions: number;
  readonly rows: readonly {
    readonly name: string;
    readonly permit: number;
    readonly ask: number;
    readonly deny: number;
  }[];
};

/** What an entry has to be. Times are epoch milliseconds, the first in, the last not; `resource` is a key such as `shop:order/1042`, or ends in `*`. */
export type LogSearch = {
  readonly kind?: string;
  readonly agent?: AgentId;
  /** Who asked, or set it in motion. */
  readonly person?: PersonId;
  readonly task?: TaskId;
  readonly action?: string;
  readonly decision?: 'permit' | 'ask' | 'deny';
  readonly resource?: string;
  readonly from?: number;
  readonly to?: number;
  /** Go on before `next` of the page before. */
  readonly before?: number;
  readonly limit?: number;
};

export type StatsAsked = {
  /** `kind` unless given. */
  readonly by?: 'kind' | 'agent' | 'action';
  /** Epoch milliseconds; the last day unless given. */
  readonly since?: number;
  readonly until?: number;
};
