import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Decimal, TenantId } from '@ambit/protocol';
import fc from 'fast-check';
import { randomId } from '../ids.ts';
import { type Change, type Check, check, entry, insert, planeItself, remove, table, update } from './index.ts';
import { noPostgres, openTestPostgres, openTestStore, type TestStore } from './testing.ts';

type Card = { id: string; label: string | null; state: string; size: number | null; notes: unknown };
const cards = table<Card>('test_cards', {
  columns: { id: 'text', label: 'text', state: 'text', size: 'integer', notes: 'json' },
  key: ['id'],
  unique: [['label'], ['state', 'size']],
  governed: true,
});
type Slip = { id: string; kind: string; text: string | null };
const slips = table<Slip>('test_slips', {
  columns: { id: 'text', kind: 'text', text: 'text' },
  key: ['kind', 'id'],
  unique: [['text']],
  governed: false,
});

type Used = { kind: string; digest: string; until: number };
const usedUp = table<Used>('test_used_up', {
  columns: { kind: 'text', digest: 'text', until: 'integer' },
  key: ['kind', 'digest'],
  once: { kind: 'kind', kinds: ['a', 'b'], digest: 'digest', until: 'until' },
  governed: false,
});

const few = (...values: string[]) => fc.constantFrom(...values);
const id = few('1', '2', '3');
const label = fc.option(few('a', 'A', 'ä'), { nil: null, freq: 9 });
const state = few('new', 'old');
const size = fc.option(fc.integer({ min: 0, max: 9 }), { nil: null });
const notes = fc.option(fc.record({ text: fc.string({ maxLength: 3 }) }), { nil: null });
const card = fc.record({ id, label, state, size, notes });
const someOf = fc.record({ label, state, size, notes }, { requiredKeys: [] });
const slip = fc.record({ id, kind: few('x', 'y'), text: fc.option(few('t', 'u', '\0'), { nil: null }) });
const used = fc.record({
  kind: few('a', 'a', 'b', 'c'),
  digest: few('1', '2', '3').map((text) => hash('sha256', text, 'base64url')),
  until: fc.constantFrom(Date.UTC(2036, 0, 1), Date.UTC(2046, 0, 1)),
});
const counter = few('c|all', 'c|1', 'c|60', 'd');
const window = fc.constantFrom(0, 1000, 2000, 60_000, 200_000);
const amount = few('0.5', '1', '2').map((text) => text as Decimal);

const change: fc.Arbitrary<Change> = fc.oneof(
  card.map((row) => insert(cards, row)),
  fc.tuple(id, someOf, someOf).map(([key, set, where]) => update(cards, { id: key }, set, { where })),
  fc.tuple(id, someOf).map(([key, set]) => update(cards, { id: key }, set)),
  fc.tuple(id, label).map(([key, to]) => update(cards, { id: key }, { label: to })),
  fc.tuple(id, label).map(([key, to]) => update(cards, { id: key }, { label: to })),
  id.map((key) => remove(cards, { id: key })),
  slip.map((row) => insert(slips, row)),
  slip.map(({ id: key, kind, text }) => update(slips, { id: key, kind }, { text })),
  slip.map(({ id: key, kind }) => remove(slips, { kind, id: key })),
  used.map((row) => insert(usedUp, row, 'proof.replayed')),
  used.map((row) => insert(usedUp, row, 'proof.replayed')),
  fc
    .record({
      counter,
      window,
      by: amount,
      max: fc.option(
        few('2', '4').map((text) => text as Decimal),
        { nil: null },
      ),
      around: fc.option(fc.record({ windows: fc.integer({ min: 0, max: 3 }), ms: fc.constantFrom(1000, 59_000) })),
      besides: fc.option(amount),
    })
    .map(
      ({ around, besides, ...one }): Change => ({
        ...{ change: 'reserve', otherwise: 'thing.exists', ...one },
        ...{ ...(around && { around }), ...(besides && { besides }) },
      }),
    ),
  fc.record({ counter, window, by: amount }).map((one): Change => ({ change: 'settle', ...one })),
  fc
    .record({ endedBefore: fc.constantFrom(0, 4000, 130_000, 400_000), max: fc.integer({ min: 1, max: 3 }) })
    .map((one): Change => ({ change: 'purge-counters', ...one })),
);
const checked: fc.Arbitrary<Check> = fc.oneof(
  id.map((key) => check(cards, { id: key }, 'absent', 'task.ended' as never)),
  fc.tuple(id, someOf).map(([key, is]) => check(cards, { id: key }, is, 'thing.not_found')),
  used.map(({ kind, digest }) => check(usedUp, { kind, digest }, 'absent', 'proof.replayed')),
);
/** What every story begins with: rows that hold names, and counters to take from and to purge. */
const opening: readonly Change[] = [
  ...['a', 'A', 'ä'].map((name, i) =>
    insert(cards, { id: `${i + 1}`, label: name, state: 'new', size: i, notes: null }),
  ),
  ...[0, 1000, 2000, 60_000, 200_000].flatMap((begin) =>
    ['c|1', 'c|60'].map(
      (name): Change => ({
        change: 'reserve',
        counter: name,
        window: begin,
        by: '2' as Decimal,
        max: null,
        otherwise: 'thing.exists',
      }),
    ),
  ),
];
/** What many units of a story stand on, each as one array. */
const shared: readonly (readonly Check[])[] = [
  [],
  [],
  [check(cards, { id: '1' }, { state: 'new' }, 'state.changed')],
  [check(cards, { id: '2' }, {}, 'thing.not_found'), check(cards, { id: '3' }, { state: 'new' }, 'state.changed')],
  [check(cards, { id: '4' }, 'absent', 'thing.exists')],
];
const unit = fc.record({
  tenant: fc.constantFrom(0, 0, 0, 1),
  standing: fc.constantFrom(...shared),
  checks: fc.array(checked, { maxLength: 1, size: 'xsmall' }),
  changes: fc.oneof(fc.array(change, { maxLength: 1 }), fc.array(change, { minLength: 1, maxLength: 3 })),
  entries: fc.integer({ min: 0, max: 5 }).map((one) => Math.ceil(one / 3)),
});
/** Each inner list is sent at once, so that it may be written together. */
const story = fc.array(fc.array(unit, { minLength: 1, maxLength: 30, size: 'max' }), { minLength: 1, maxLength: 4 });

describe('law: whatever is asked of them, the two stores answer and keep the same', { skip: noPostgres }, () => {
  let stores: readonly TestStore[];
  before(async () => {
    stores = [await openTestStore(), await openTestPostgres()];
  });
  after(async () => {
    for (const store of stores) await store.close();
  });

  test('units of every kind, one by one and many at once', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (rounds) => {
        // Tenants of their own, so that no story sees another; what is written for them is the same on both.
        const tenants = [randomId('tenant'), randomId('tenant')];
        const ids = rounds.flat().map(({ entries }) => Array.from({ length: entries }, () => randomId('entry')));
        const [embedded, shared] = await Promise.all(stores.map((store) => play(store, rounds, tenants, ids)));
        assert.deepEqual(shared, embedded);
      }),
      { numRuns: 40 },
    );
  });
});

describe('law: checks that units share are held as any others are', () => {
  let stores: readonly TestStore[];
  before(async () => {
    stores = [await openTestStore(), await openTestStore()];
  });
  after(async () => {
    for (const store of stores) await store.close();
  });

  test('however rows come, change and go between them, and whatever is undone', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (rounds) => {
        const tenants = [randomId('tenant'), randomId('tenant')];
        const ids = rounds.flat().map(({ entries }) => Array.from({ length: entries }, () => randomId('entry')));
        const apart = rounds.map((round) =>
          round.map(({ standing, checks, ...one }) => ({ ...one, standing: [], checks: [...standing, ...checks] })),
        );
        const [one, other] = [stores[0]!, stores[1]!];
        assert.deepEqual(await play(one, rounds, tenants, ids), await play(other, apart, tenants, ids));
      }),
      { numRuns: 60 },
    );
  });
});

type Rounds = typeof story extends fc.Arbitrary<infer T> ? T : never;

async function play(
  { ground: { database } }: TestStore,
  rounds: Rounds,
  tenants: readonly TenantId[],
  ids: readonly (readonly string[])[],
) {
  const answers: unknown[] = [];
  const named = ids.values();
  const start = (await database.log.head()).size;
  for (const tenant of tenants) {
    const note = entry({ id: randomId('entry'), kind: 'test.opened', who: planeItself });
    await database.commit({ tenant, changes: opening, entries: [note] });
  }
  for (const round of rounds) {
    const sent = round.map(({ tenant, standing, checks, changes }) =>
      database.commit({
        tenant: tenants[tenant] as TenantId,
        standing,
        checks,
        changes,
        entries: (named.next().value ?? []).map((one) =>
          entry({ id: one as never, kind: 'test.played', who: planeItself }),
        ),
      }),
    );
    for (const one of await Promise.allSettled(sent)) answers.push(said(one, start));
  }
  const rows = await Promise.all(
    tenants.map(async (tenant) => [
      await database.list(cards, tenant, { limit: 100 }),
      await database.list(cards, tenant, { order: ['label', 'desc'], limit: 100 }),
      await database.list(slips, tenant, { limit: 100 }),
      await Promise.all(
        ['c|all', 'c|1', 'c|60', 'd'].flatMap((name) =>
          [0, 1000, 2000, 60_000, 200_000].map((begin) => database.counter(tenant, name, begin)),
        ),
      ),
      (await database.log.entries(tenant, { limit: 1000 })).map(({ index, header }) => [
        index - start,
        header.kind === 'test.opened' || header.id,
        header.changes,
      ]),
    ]),
  );
  return { answers, rows };
}

function said(one: PromiseSettledResult<{ readonly entries: readonly { index: number }[] }>, start: number) {
  if (one.status === 'fulfilled') return one.value.entries.map(({ index }) => index - start);
  const { code, message } = one.reason as { code?: string; message: string };
  return [code ?? 'fault', message];
}
