import type { Decimal, TenantId } from '@ambit/protocol';
import type { Pool } from 'pg';
import { refuse } from '../errors.ts';
import type { CounterHeld, Database, Listing } from './database.ts';
import { type Changes, changesIn, entryColumn, isExplained, rowKey, type StoredHeader } from './explained.ts';
import { type LaterMemory, type Memory, valuesText, type Weighed } from './memory.ts';
import { asStoreFault } from './postgres-link.ts';
import { columnsOf } from './postgres-schema.ts';
import { type AnyTable, eraseRow, type Table } from './table.ts';
import type { Fields } from './unit.ts';
import { couldHold, decodeRow, isKeepable, type StoredRow } from './values.ts';

export type Ask = <Row>(name: string | undefined, text: string, values: readonly unknown[]) => Promise<Row[]>;

/** A statement is prepared once for each connection where it has a name. */
export function asking(pool: Pool): Ask {
  return async <Row>(name: string | undefined, text: string, values: readonly unknown[]) => {
    try {
      const { rows } = await pool.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
      return rows as Row[];
    } catch (error) {
      throw asStoreFault(error);
    }
  };
}

/** @param mayRemember whether this node hears of what others change, so that what was read before may be answered. */
export function createReads(
  ask: Ask,
  memory: Memory,
  mayRemember: () => boolean,
): Pick<Database, 'find' | 'list' | 'count' | 'counter' | 'counters'> {
  const kept = () => (mayRemember() ? memory.later : readAnew);
  const { explain } = createExplaining(ask);

  return {
    async find<Row extends object>(of: Table<Row>, tenant: TenantId, key: Partial<Row>) {
      const any = eraseRow(of);
      const asked = key as Fields;
      if (!of.key.every((name) => couldHold(any, name, asked[name]))) return undefined;
      return kept().row(of.name, tenant, asked, async () => {
        const where = of.key.map((name, i) => `"${name}" = $${i + 2}`).join(' AND ');
        const [stored] = await ask<StoredRow>(
          `find ${of.name}`,
          `SELECT ${columnsOf(any)} FROM "${of.name}" WHERE tenant = $1 AND ${where}`,
          [tenant, ...of.key.map((name) => asked[name])],
        );
        if (stored === undefined) return { value: undefined, weight: 0 };
        const [value] = await explain(any, tenant, [stored]);
        return { value: value as Row, weight: weightOf(stored) };
      });
    },
    async list<Row extends object>(of: Table<Row>, tenant: TenantId, listing: Listing<Row>) {
      const any = eraseRow(of);
      const { text, values } = listingOf(of, tenant, listing);
      const rows = await kept().list(
        of.name,
        tenant,
        valuesText([text, listing.asStored ?? false, ...values]),
        async () => {
          const stored = await ask<StoredRow>(undefined, text, values);
          const value =
            listing.asStored === true ? stored.map((row) => frozen(any, row)) : await explain(any, tenant, stored);
          return { value: value as Row[], weight: stored.reduce((sum, row) => sum + weightOf(row), 0) };
        },
      );
      return [...rows];
    },
    async count<Row extends object>(of: Table<Row>, tenant: TenantId, listing: Omit<Listing<Row>, 'limit'>) {
      const { where, values } = conditionsOf(of, tenant, listing);
      const text = `SELECT COUNT(*) AS rows FROM "${of.name}" WHERE ${where}`;
      const [counted] = await ask<{ rows: number | string }>(undefined, text, values);
      return Number(counted?.rows);
    },
    async counter(tenant, counter, window) {
      if (!isKeepable(counter) || !Number.isSafeInteger(window)) return '0' as Decimal;
      return kept().counter(tenant, counter, window, async () => {
        const text = 'SELECT used FROM counters WHERE tenant = $1 AND counter = $2 AND win = $3';
        const [row] = await ask<{ used: Decimal }>('find counter', text, [tenant, counter, window]);
        return row?.used ?? ('0' as Decimal);
      });
    },
    counters(tenant, { after = { counter: '', window: 0 }, limit }) {
      const text = `SELECT counter, win AS window, used FROM counters
        WHERE tenant = $1 AND (counter, win) > ($2, $3) ORDER BY counter, win LIMIT $4`;
      return ask<CounterHeld>('list counters', text, [tenant, after.counter, after.window, limit]);
    },
  };
}

/** Where nothing may be remembered, everything is asked of the database, and fails where it does not answer. */
const readAnew: LaterMemory = {
  row: async <T>(_table: string, _tenant: string, _key: Fields, read: () => Promise<Weighed<T>>) =>
    (await read()).value,
  list: async <T>(_table: string, _tenant: string, _question: string, read: () => Promise<Weighed<readonly T[]>>) =>
    (await read()).value,
  counter: (_tenant, _counter, _window, read) => read(),
};

const frozen = (of: AnyTable, stored: StoredRow) => Object.freeze(decodeRow(of, stored));

const explanationsKept = 1024;

function createExplaining(ask: Ask) {
  const known = new Map<number, Changes>();

  /** What those entries say, read where it is not known: one question, however many rows. */
  async function changesOf(indexes: ReadonlySet<number>): Promise<Map<number, Changes>> {
    const found = new Map<number, Changes>();
    for (const index of indexes) {
      const changes = known.get(index);
      if (changes !== undefined) found.set(index, changes);
    }
    const missing = [...indexes].filter((index) => !found.has(index));
    if (missing.length === 0) return found;
    const text = 'SELECT idx, header, leaf FROM entries WHERE idx = ANY($1::bigint[])';
    for (const row of await ask<StoredHeader & { idx: number }>('find headers', text, [missing])) {
      const changes = changesIn(row);
      if (changes === undefined) continue;
      if (known.size >= explanationsKept) known.clear();
      known.set(row.idx, changes);
      found.set(row.idx, changes);
    }
    return found;
  }

  return {
    // THREATS: edited-row. What no entry explains is nobody's authority, key or rule.
    async explain(of: AnyTable, tenant: string, stored: readonly StoredRow[]): Promise<Fields[]> {
      if (!of.governed) return stored.map((row) => frozen(of, row));
      const entries = stored.map((row) => row[entryColumn]);
      const changes = await changesOf(new Set(entries.filter((one) => typeof one === 'number')));
      return stored.map((one, i) => {
        const row = frozen(of, one);
        if (isExplained(of, tenant, row, changes.get(entries[i] as number))) return row;
        throw refuse('store.row_unexplained', `${of.name} ${rowKey(of, tenant, row)} is not what its entry says`);
      });
    },
  };
}

/** How much room a stored row takes in memory: about the characters of its texts. */
function weightOf(stored: StoredRow): number {
  return Object.values(stored).reduce<number>((sum, one) => sum + (typeof one === 'string' ? one.length : 0), 0);
}

export const pageMax = 10_000;

function listingOf<Row extends object>(of: Table<Row>, tenant: TenantId, listing: Listing<Row>) {
  const { where, values } = conditionsOf(of, tenant, listing);
  const [order, direction] = orderOf(of, listing);
  const ties = of.key.filter((name) => name !== order).map((name) => `, "${name}" ${direction}`);
  // Nothing is the least value, as on the embedded store. A key is never nothing, and its index has no such order.
  const nulls = of.key.includes(order as keyof Row & string)
    ? ''
    : direction === 'asc'
      ? ' NULLS FIRST'
      : ' NULLS LAST';
  values.push(Math.min(Math.max(listing.limit, 1), pageMax));
  const text = `SELECT ${columnsOf(eraseRow(of))} FROM "${of.name}" WHERE ${where} ORDER BY "${order}" ${direction}${nulls}${ties.join('')} LIMIT $${values.length}`;
  return { text, values };
}

const orderOf = <Row extends object>(of: Table<Row>, { order }: Pick<Listing<Row>, 'order'>) =>
  order ?? ([of.key[0] as string, 'asc'] as const);

/** What a row must be to be listed or counted. */
function conditionsOf<Row extends object>(of: Table<Row>, tenant: TenantId, listing: Omit<Listing<Row>, 'limit'>) {
  const any = eraseRow(of);
  const values: unknown[] = [tenant];
  const conditions = ['tenant = $1'];
  for (const [name, wanted] of Object.entries(listing.where ?? {})) {
    const options: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    if (options.length === 1 && options[0] === null) {
      conditions.push(`"${name}" IS NULL`);
      continue;
    }
    values.push(options.filter((one) => couldHold(any, name, one)));
    conditions.push(`"${name}" = ANY($${values.length})`);
  }
  if (listing.after !== undefined) {
    const [order, direction] = orderOf(of, listing);
    values.push(listing.after);
    conditions.push(`"${order}" ${direction === 'asc' ? '>' : '<'} $${values.length}`);
  }
  return { where: conditions.join(' AND '), values };
}
