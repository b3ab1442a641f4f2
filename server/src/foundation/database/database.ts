import type { Decimal, EntryHeader, EntryId, TaskId, TenantId } from '@ambit/protocol';
import type { Table } from './table.ts';
import type { Committed, Fields, Unit } from './unit.ts';

/**
 * One store. Reads see every unit whose `commit` has returned here. Where nodes share it, what another node committed is
 * seen as soon as that was heard, which is usually a few milliseconds later; a node that has not heard the others for as
 * long as the settings allow asks the store itself on each read, and fails where that does not answer.
 */
export interface Database {
  /** The row of that key, or undefined; rows of another tenant are as if absent. */
  find<Row extends object>(of: Table<Row>, tenant: TenantId, key: Partial<Row>): Promise<Row | undefined>;
  /** Rows in a stated order, at most `limit` (1 to 10,000). */
  list<Row extends object>(of: Table<Row>, tenant: TenantId, ask: Listing<Row>): Promise<Row[]>;
  /**
   * How many rows a listing would have without its limit, asked of the store itself each time. Rows are counted as they
   * lie there, explained or not: what counts them may refuse by it, and nothing may be given by it.
   */
  count<Row extends object>(of: Table<Row>, tenant: TenantId, ask: Omit<Listing<Row>, 'limit'>): Promise<number>;
  /** What is reserved and spent on a counter; `0` where nothing was. */
  counter(tenant: TenantId, counter: string, window: number): Promise<Decimal>;
  /** Counters in the order of their names and windows, after one of them: for verifying, never for deciding. */
  counters(tenant: TenantId, ask: { readonly after?: CounterHeld; readonly limit: number }): Promise<CounterHeld[]>;
  /**
   * What follows from rows and nothing else, made by `make` and kept under its name until one of the rows that it read
   * changes, or one comes that it looked for. Reads through what it is handed; what it makes nobody may change. A `make`
   * that throws leaves nothing behind. Time is nothing that this knows of: who keeps what ends says until when it holds.
   */
  kept<T extends object>(name: string, make: (reads: Pick<Database, 'find' | 'list'>) => Promise<T>): T | Promise<T>;
  /**
   * Durable when it returns. Whole, or not at all: a failed check throws the `Refusal` it names; a failing store
   * throws `StoreFault`, and then nothing may be assumed. Units are taken up in the order in which they come. One that
   * `canWait`, since nobody's answer depends on it, leaves with the next one or some milliseconds later.
   */
  commit(unit: Unit, how?: { readonly canWait?: boolean }): Promise<Committed>;
  readonly log: Log;
  /** Names this opening of the store, of all that write to it: fresh for each, and never used again. */
  readonly node: string;
  /**
   * Tells of changes that other openings of this store committed, each after reads here see it, in the order in which they
   * were committed; one unit's changes in the order of their keys' first mention. At least once: a change may be told
   * again, and a refused unit tells nothing. `everything` stands for any number of changes that were not heard one by one
   * (after a lost connection, or when this node lagged): whoever waits for a row looks again. What this opening commits
   * itself is not told, nor are counters. On the embedded store there is nobody else, and nothing is ever told.
   */
  watch(listener: (change: Foreign) => void): () => void;
  /** Milliseconds since everything that others had committed by then was heard here; 0 where there are no others. */
  sinceHeardMs(): number;
  close(): Promise<void>;
}

/** A row that another node changed or removed, or `everything` where that is not known row by row. */
export type Foreign = { readonly table: string; readonly tenant: TenantId; readonly key: Fields } | 'everything';

export type CounterHeld = { readonly counter: string; readonly window: number; readonly used: Decimal };

export type Listing<Row> = {
  /** Equal to the value, or to one of the values of a list. */
  readonly where?: { readonly [K in keyof Row]?: Row[K] | readonly Row[K][] };
  readonly order?: readonly [keyof Row & string, 'asc' | 'desc'];
  /** Value of the order column after which to go on. */
  readonly after?: string | number;
  readonly limit: number;
  /** Rows as they lie in the store, explained or not: for verifying, never for deciding. */
  readonly asStored?: true;
};

export type StoredEntry = {
  readonly index: number;
  readonly header: EntryHeader;
  readonly leaf: Uint8Array;
  /** Null when it was deleted for retention: the tree stays provable. */
  readonly sealed: Uint8Array | null;
};

/** The log as it stands in the store: entries in order of their index, hashes of whole subtrees, checkpoints' tree heads. */
export interface Log {
  head(): Promise<{ readonly size: number; readonly root: Uint8Array }>;
  /** Hash of the whole subtree of 2^level leaves whose first leaf is `index · 2^level`. */
  node(level: number, index: number): Promise<Uint8Array>;
  entry(tenant: TenantId, id: EntryId): Promise<StoredEntry | undefined>;
  entries(
    tenant: TenantId,
    ask: {
      readonly run?: TaskId;
      readonly task?: TaskId;
      readonly kind?: string;
      readonly from?: number;
      /** The index before which they all are. */
      readonly until?: number;
      readonly limit: number;
    },
  ): Promise<StoredEntry[]>;
  /** Leaves of every tenant: hashes only. */
  leaves(from: number, limit: number): Promise<Uint8Array[]>;
  /** The detail of an entry, checked against its header; undefined when it was deleted. */
  open(entry: StoredEntry): Detail | undefined;
  /** Time of the newest entry, 0 in an empty store. */
  newestAt(): Promise<number>;
}

export type Detail = { readonly salt: string; readonly detail: Fields };
