import type { Decimal, EntryHeader, RefusalCode, TenantId, Who } from '@ambit/protocol';
import type { Table } from './table.ts';

/**
 * What a room hands the one writer: rows and what they must still be, changes, and the entry that says so.
 * A unit commits whole, or answers with the refusal that its failed check names.
 */
export type Unit = {
  readonly tenant: TenantId;
  readonly checks?: readonly Check[];
  /**
   * Checks that many units share, as one array that nobody changes. They mean what `checks` do, and are written down,
   * read and held against the rows once, for as long as none of their tables changes.
   */
  readonly standing?: readonly Check[];
  readonly changes?: readonly Change[];
  /** Changes to governed tables need at least one entry: the writer refuses the unit otherwise. */
  readonly entries: readonly EntryDraft[];
};

type Named = { readonly table: string; readonly key: Fields; readonly tenant?: TenantId };
export type Fields = Readonly<Record<string, unknown>>;

export type Check = Named & { readonly is: Fields | 'absent'; readonly otherwise: RefusalCode };

export type Change =
  | (Named & { readonly change: 'insert'; readonly row: Fields; readonly otherwise: RefusalCode })
  | (Named & {
      readonly change: 'update';
      readonly set: Fields;
      readonly where: Fields;
      readonly otherwise: RefusalCode;
    })
  | (Named & { readonly change: 'remove' })
  | Reserve
  | Settle
  | PurgeCounters;

/** Adds to a counter, unless it would pass `max` or is not what the decision read. */
export type Reserve = {
  readonly change: 'reserve';
  readonly counter: string;
  /** Start of the window in epoch milliseconds, 0 for a counter without a window. See `PurgeCounters` for names. */
  readonly window: number;
  readonly by: Decimal;
  readonly max: Decimal | null;
  /** Which windows of the same counter count against `max` together with this one; none unless given. */
  readonly around?: Around;
  /** What else counts against `max`, on counters that no unit adds to any more; nothing unless given. */
  readonly besides?: Decimal;
  /** The value that the decision read; a counter that moved since answers `state.changed`. */
  readonly expect?: Decimal;
  readonly otherwise: RefusalCode;
};

/** So many windows before one and so many after it, each as long as that. */
export type Around = { readonly windows: number; readonly ms: number };

/** Where those windows begin, in epoch milliseconds. */
export function windowsAround(window: number, around: Around | undefined): number[] {
  const found: number[] = [];
  if (around === undefined) return found;
  const { windows, ms } = around;
  for (let i = -windows; i <= windows; i++) if (i !== 0) found.push(window + i * ms);
  return found;
}

/** Gives back what a reservation did not use. */
export type Settle = {
  readonly change: 'settle';
  readonly counter: string;
  readonly window: number;
  readonly by: Decimal;
};

/**
 * Removes counters of windows that are over, the oldest first. The name of a counter with a window ends in `|` and the
 * seconds of its limit; no window is longer than twice those. Other counters are never removed.
 */
export type PurgeCounters = {
  readonly change: 'purge-counters';
  /** Epoch milliseconds. */
  readonly endedBefore: number;
  /** How many at most. */
  readonly max: number;
};

export type EntryDraft = Omit<EntryHeader, 'v' | 'at' | 'tenant' | 'changes' | 'detailHash'> & {
  /** Plain JSON. It is sealed at rest, and the tree holds only its salted hash. */
  readonly detail: Fields;
};

/** Where an entry stands in the log. */
export type Placed = {
  readonly id: string;
  readonly index: number;
  /** Hash of its leaf, base64. */
  readonly leaf: string;
};

export type Committed = { readonly entries: readonly Placed[]; readonly at: number };

export function check<Row extends object>(
  of: Table<Row>,
  key: Partial<Row>,
  is: Partial<Row> | 'absent',
  otherwise: RefusalCode,
  tenant?: TenantId,
): Check {
  return { table: of.name, key: key as Fields, is: is as Fields | 'absent', otherwise, ...elsewhere(tenant) };
}

export function insert<Row extends object>(
  of: Table<Row>,
  row: Row,
  otherwise: RefusalCode = 'thing.exists',
  tenant?: TenantId,
): Change {
  const key = Object.fromEntries(of.key.map((name) => [name, row[name]]));
  return { change: 'insert', table: of.name, key, row: row as Fields, otherwise, ...elsewhere(tenant) };
}

export function update<Row extends object>(
  of: Table<Row>,
  key: Partial<Row>,
  set: Partial<Row>,
  options: { readonly where?: Partial<Row>; readonly otherwise?: RefusalCode; readonly tenant?: TenantId } = {},
): Change {
  const { where = {}, otherwise = 'state.changed', tenant } = options;
  return {
    change: 'update',
    table: of.name,
    key: key as Fields,
    set: set as Fields,
    where: where as Fields,
    otherwise,
    ...elsewhere(tenant),
  };
}

export function remove<Row extends object>(of: Table<Row>, key: Partial<Row>, tenant?: TenantId): Change {
  return { change: 'remove', table: of.name, key: key as Fields, ...elsewhere(tenant) };
}

const elsewhere = (tenant: TenantId | undefined) => (tenant === undefined ? {} : { tenant });

/** Who acts where nobody asked: start-up, expiry, the plane's own upkeep. */
export const planeItself: Who = {
  requester: null,
  agent: null,
  agentUser: null,
  initiator: 'plane',
  instance: null,
  environment: null,
  zone: null,
  channel: 'plane',
  proof: 'none',
};

/** A draft with the fields that most entries leave empty filled in. */
export function entry(
  draft: Pick<EntryDraft, 'id' | 'kind' | 'who'> & Partial<Omit<EntryDraft, 'id' | 'kind' | 'who'>>,
): EntryDraft {
  return {
    task: null,
    run: null,
    about: null,
    action: null,
    decision: null,
    code: null,
    keys: [],
    detail: {},
    ...draft,
  };
}
