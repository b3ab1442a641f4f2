import { type ExportLine, printVerifierKey, type TenantId, toBase64 } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, type StoredEntry, span } from '../foundation/index.ts';
import type { Checkpoints, SignedCheckpoint } from './checkpoint.ts';
import { countersHeld, governedRows, listCheckpoints, readDetail } from './store.ts';

export type ExportOptions = {
  /** Unseal the details of the tenant's own entries. */
  readonly details: boolean;
  /** Add the hash of every governed row, and every counter, to be compared with the entries that explain them. */
  readonly rows: boolean;
  /** Other tenants whose entries may have changed rows of this one; the plane itself unless said otherwise. */
  readonly explainedBy?: readonly TenantId[];
};

const checkpointsMax = 1000;
const entriesPerPage = 1000;

/** Records who exports what, and answers the lines. The entry itself is part of the export. */
export function exportLog(
  ground: Ground,
  checkpoints: Checkpoints,
  caller: Pick<PersonCaller, 'tenant' | 'who'>,
  plane: TenantId,
  options: ExportOptions,
): Promise<AsyncGenerator<string>> {
  return span('audit/export', async () => {
    const told = entry({ id: ground.newId('entry'), kind: 'log.exported', who: caller.who, detail: { ...options } });
    await ground.database.commit({ tenant: caller.tenant, entries: [told] });
    return textOf(exportLines(ground, checkpoints, caller.tenant, plane, options));
  });
}

async function* textOf(lines: AsyncGenerator<ExportLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

/** The log as one tenant may see it: its own entries whole, hashes of all others, and what signs them. */
export async function* exportLines(
  ground: Ground,
  checkpoints: Checkpoints,
  tenant: TenantId,
  plane: TenantId,
  options: ExportOptions,
): AsyncGenerator<ExportLine> {
  const { size: rowsSince } = await ground.database.log.head();
  const key = printVerifierKey(checkpoints.key.verifier);
  yield { type: 'log', v: 1, tenant, key, rowsSince: options.rows ? rowsSince : null };
  if (options.rows) {
    for await (const row of governedRows(ground, tenant)) yield { type: 'row', ...row };
    for await (const held of countersHeld(ground, tenant)) yield { type: 'counter', ...held };
  }
  // Made after the rows were read: whatever explains a row is in the tree that this checkpoint signs.
  const { size } = await ground.database.log.head();
  const last = await checkpoints.covering(size);
  yield* checkpointLines(ground, plane, last);
  for (let from = 0; from < last.size; from += entriesPerPage) {
    const to = Math.min(from + entriesPerPage, last.size);
    yield* treeLines(ground, tenant, plane, from, to, options);
  }
}

async function* checkpointLines(ground: Ground, plane: TenantId, last: SignedCheckpoint): AsyncGenerator<ExportLine> {
  const known = await listCheckpoints(ground, plane, checkpointsMax);
  for (const { size, note } of known.reverse()) if (size < last.size) yield { type: 'checkpoint', note };
  yield { type: 'checkpoint', note: last.note };
}

async function* treeLines(
  ground: Ground,
  tenant: TenantId,
  plane: TenantId,
  from: number,
  to: number,
  { details, explainedBy = [plane] }: ExportOptions,
): AsyncGenerator<ExportLine> {
  const { log } = ground.database;
  const own = await entriesBetween(ground, tenant, from, to);
  const whole = new Map(
    [...(await aboutRowsOf(ground, tenant, explainedBy, from, to)), ...own].map((one) => [one.index, one]),
  );
  const leaves = await log.leaves(from, to - from);
  let others: string[] = [];
  for (const [i, leaf] of leaves.entries()) {
    const stored = whole.get(from + i);
    if (stored === undefined) {
      others.push(toBase64(leaf));
      continue;
    }
    if (others.length > 0) yield { type: 'leaves', from: from + i - others.length, hashes: others };
    others = [];
    const unsealed = details && stored.header.tenant === tenant;
    const detail = unsealed ? readDetail(log, stored) : stored.sealed === null ? 'deleted' : 'withheld';
    yield { type: 'entry', index: stored.index, leaf: toBase64(stored.leaf), header: stored.header, detail };
  }
  if (others.length > 0) yield { type: 'leaves', from: from + leaves.length - others.length, hashes: others };
}

async function entriesBetween(ground: Ground, tenant: TenantId, from: number, to: number): Promise<StoredEntry[]> {
  const page = await ground.database.log.entries(tenant, { from, limit: to - from });
  return page.filter((one) => one.index < to);
}

/** Entries of others that changed rows of this tenant, such as the one that made its first administrator. */
async function aboutRowsOf(
  ground: Ground,
  tenant: TenantId,
  others: readonly TenantId[],
  from: number,
  to: number,
): Promise<StoredEntry[]> {
  const about: StoredEntry[] = [];
  for (const other of others.filter((one) => one !== tenant)) {
    const page = await entriesBetween(ground, other, from, to);
    about.push(...page.filter(({ header }) => header.changes.some(({ key }) => key.startsWith(`${tenant}|`))));
  }
  return about;
}
