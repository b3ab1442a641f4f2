import {
  canonicalJson,
  detailHash,
  type EntryId,
  type ExportedDetail,
  type TaskId,
  type TenantId,
} from '@ambit/protocol';
import {
  type AnyTable,
  type Change,
  type CounterHeld,
  declaredTables,
  type Fields,
  type Ground,
  insert,
  type Log,
  refuse,
  rowHash,
  type StoredEntry,
  table,
  update,
} from '../foundation/index.ts';
import { sha256 } from './log-key.ts';

type CheckpointRow = {
  readonly size: number;
  readonly root: string;
  readonly note: string;
  readonly at: number;
};

/** Checkpoints that were given out. They belong to the plane, not to a tenant: the log is one. */
const checkpoints = table<CheckpointRow>('checkpoints', {
  columns: { size: 'integer', root: 'text', note: 'text', at: 'integer' },
  key: ['size'],
  governed: false,
});

/** One row: the keys that were noted last. What they were is read from the log; this only lets one of two nodes note them. */
type NotedKeys = { readonly id: 'keys'; readonly keys: string };
const notedKeys = table<NotedKeys>('noted_keys', {
  columns: { id: 'text', keys: 'text' },
  key: ['id'],
  governed: false,
});

/** Where another node notes keys at the same moment, the later of the two is refused with `state.changed`. */
export async function noteOnce(ground: Ground, plane: TenantId, keys: string): Promise<Change> {
  const known = await ground.database.find(notedKeys, plane, { id: 'keys' });
  if (known === undefined) return insert(notedKeys, { id: 'keys', keys }, 'state.changed');
  return update(notedKeys, { id: 'keys' }, { keys }, { where: { keys: known.keys } });
}

export async function addCheckpoint(ground: Ground, plane: TenantId, row: CheckpointRow): Promise<void> {
  await ground.database.commit({ tenant: plane, changes: [insert(checkpoints, row)], entries: [] });
}

/** The newest first. */
export function listCheckpoints(ground: Ground, plane: TenantId, limit: number): Promise<CheckpointRow[]> {
  return ground.database.list(checkpoints, plane, { order: ['size', 'desc'], limit });
}

export function findEntry(ground: Ground, tenant: TenantId, id: EntryId): Promise<StoredEntry | undefined> {
  return ground.database.log.entry(tenant, id);
}

export const runEntriesMax = 5000;

/** Entries of a run in the order they were written, at most `runEntriesMax`. */
export function entriesOfRun(ground: Ground, tenant: TenantId, run: TaskId): Promise<StoredEntry[]> {
  return ground.database.log.entries(tenant, { run, limit: runEntriesMax });
}

/** The same of one task of it, from an index on: what else was done in the run makes it no shorter. */
export function entriesOfTask(
  ground: Ground,
  tenant: TenantId,
  { run, task, from = 0 }: { readonly run: TaskId; readonly task: TaskId; readonly from?: number },
): Promise<StoredEntry[]> {
  return ground.database.log.entries(tenant, { run, task, from, limit: runEntriesMax });
}

/** Entries of that kind before `before`, the newest first, found by looking back over ever larger windows. */
export async function newestOfKind(
  ground: Ground,
  tenant: TenantId,
  kind: string,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  let end = before ?? (await ground.database.log.head()).size;
  for (let width = 1000; end > 0 && found.length < limit; width = Math.min(width * 2, 10_000)) {
    const from = Math.max(0, end - width);
    const page = await ground.database.log.entries(tenant, { kind, from, until: end, limit: end - from });
    found.push(...page.reverse());
    end = from;
  }
  return found.slice(0, limit);
}

/** The detail of an entry if its box opens to exactly what was sealed. */
export function readDetail(log: Log, entry: StoredEntry): Exclude<ExportedDetail, 'withheld'> {
  try {
    const opened = log.open(entry);
    if (opened === undefined) return 'deleted';
    const { salt, detail } = opened;
    return detailHash(salt, canonicalJson(detail), sha256) === entry.header.detailHash
      ? { salt, detail }
      : 'unreadable';
  } catch {
    // Whatever fails here, a wrong key, a swapped or a damaged box, the answer is the same: it cannot be trusted.
    return 'unreadable';
  }
}

export type RowHash = { readonly table: string; readonly key: string; readonly hash: string };

/** What every governed row of a tenant is now, by the hash that an entry would keep of it. */
export async function* governedRows(ground: Ground, tenant: TenantId): AsyncGenerator<RowHash> {
  for (const of of declaredTables().filter((one) => one.governed)) {
    for await (const row of allRows(ground, of, tenant)) {
      const key = [tenant, ...of.key.map((name) => String(row[name]))].join('|');
      yield { table: of.name, key, hash: rowHash(of, tenant, row) };
    }
  }
}

/** What stands on every counter of a tenant. */
export async function* countersHeld(ground: Ground, tenant: TenantId): AsyncGenerator<CounterHeld> {
  let after: CounterHeld | undefined;
  do {
    const page = await ground.database.counters(tenant, { ...(after && { after }), limit: rowsPerPage });
    yield* page;
    after = page.length < rowsPerPage ? undefined : page.at(-1);
  } while (after !== undefined);
}

const rowsPerPage = 5000;

async function* allRows(ground: Ground, of: AnyTable, tenant: TenantId): AsyncGenerator<Fields> {
  const order = of.key[0];
  if (order === undefined) return;
  let after: string | number | undefined;
  while (true) {
    const ask = {
      order: [order, 'asc'] as const,
      limit: rowsPerPage,
      asStored: true as const,
      ...(after === undefined ? {} : { after }),
    };
    const page = await ground.database.list(of, tenant, ask);
    // A full page may end in the middle of rows that share the order column: those are read again with the next one.
    const whole = page.length < rowsPerPage ? page : page.filter((row) => row[order] !== page.at(-1)?.[order]);
    yield* whole;
    if (page.length < rowsPerPage) return;
    if (whole.length === 0) {
      throw refuse(
        'log.too_many_rows',
        `more than ${rowsPerPage} rows of ${of.name} share ${order} ${String(page[0]?.[order])}`,
      );
    }
    after = whole.at(-1)?.[order] as string | number;
  }
}
