import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Decimal, decimalOf, type Grant, type TenantId } from '@ambit/protocol';
import { backends, handClock, type TestStore } from '../foundation/database/testing.ts';
import { type Change, Refusal } from '../foundation/index.ts';
import { chargesOf, formerCounterOf } from './charges.ts';
import { type Counted, countCharges } from './count-charges.ts';
import { leftOf } from './left-of.ts';

const owner = 'task:tsk_1';
const calls = (max: number): Grant => ({
  type: 'ambit_grant',
  actions: ['shop:orders.get'],
  limits: [{ calls: max, seconds: 60 }],
});

for (const backend of backends) {
  describe(`limits over time on ${backend.name}`, { skip: backend.skip }, () => {
    let store: TestStore;
    before(async () => {
      store = await backend.open(handClock());
    });
    after(() => store.close());

    const counted = async (tenant: TenantId, grant: Grant, now = store.ground.clock()): Promise<Counted> => {
      const found = chargesOf({
        now,
        action: 'shop:orders.get',
        cost: decimalOf('1'),
        grants: [{ owner, index: 0, grant }],
        standing: [],
        behind: { agent: 'agt_1', requester: null, purpose: 'support' },
      });
      assert.ok(found.kind === 'charges');
      const [only] = await countCharges(store.ground.database, tenant, found.charges);
      assert.ok(only !== undefined);
      return only;
    };
    const commit = (tenant: TenantId, changes: readonly Change[]) =>
      store.ground.database.commit({ tenant, changes, entries: [] });
    const reserve = (tenant: TenantId, { counter, window, by, max, around, besides, otherwise }: Counted) =>
      commit(tenant, [
        {
          change: 'reserve',
          counter,
          window,
          by,
          max,
          otherwise,
          ...{ ...(around && { around }), ...(besides && { besides }) },
        },
      ]);
    /** What an older release did for each call: it added to the window of its slice, and to the four that began before. */
    const reserveAsFormerly = (tenant: TenantId, { counter, window, around, by }: Counted) =>
      commit(
        tenant,
        [0, 1, 2, 3, 4].map((back) => ({
          change: 'reserve',
          counter: formerCounterOf(counter),
          window: window - back * (around?.ms ?? 0),
          by,
          max: null,
          otherwise: 'limits.window_exceeded',
        })),
      );
    const isFull = (error: unknown) => error instanceof Refusal && error.code === 'limits.window_exceeded';

    test('a slice counts until a span and a quarter after it began, and the refusal says when there is room', async () => {
      const { clock, newId } = store.ground;
      const tenant = newId('tenant');
      await reserve(tenant, await counted(tenant, calls(2)));
      clock.advance(20_000);
      await reserve(tenant, await counted(tenant, calls(2)));
      const full = await counted(tenant, calls(2));
      assert.deepEqual([full.used, full.freeAt], ['2', clock() + 55_000], 'when the first of them is over');
      await assert.rejects(reserve(tenant, full), isFull);
      clock.advance(54_999);
      await assert.rejects(reserve(tenant, await counted(tenant, calls(2))), isFull);
      clock.advance(1);
      const free = await counted(tenant, calls(2));
      assert.equal(free.used, '1');
      await reserve(tenant, free);
    });

    test('what the writer adds up is what stands then, whatever was read', async () => {
      const tenant = store.ground.newId('tenant');
      const now = store.ground.clock();
      const stale = await counted(tenant, calls(1), now + 30_000);
      await reserve(tenant, await counted(tenant, calls(1), now));
      await assert.rejects(reserve(tenant, stale), isFull, 'two slices later');
      const late = await counted(tenant, calls(1), now - 60_000);
      await assert.rejects(reserve(tenant, late), isFull, 'by a clock that is behind: four slices earlier');
      await reserve(tenant, await counted(tenant, calls(1), now - 75_000));
    });

    test('what an older release counted counts on for as long as it would have', async () => {
      const { clock, newId, database } = store.ground;
      const tenant = newId('tenant');
      await reserveAsFormerly(tenant, await counted(tenant, calls(3)));
      clock.advance(30_000);
      await reserveAsFormerly(tenant, await counted(tenant, calls(3)));
      clock.advance(15_000);
      const third = await counted(tenant, calls(3));
      assert.deepEqual([third.used, third.besides], ['2', '2']);
      await reserve(tenant, third);
      const full = await counted(tenant, calls(3));
      assert.deepEqual([full.used, full.freeAt], ['3', clock() + 30_000]);
      await assert.rejects(reserve(tenant, full), isFull);
      const [left] = await leftOf(store.ground, tenant, owner, [calls(3)]);
      assert.deepEqual([left?.spent, left?.left], ['3', null]);
      clock.advance(30_000);
      const again = await counted(tenant, calls(3));
      assert.deepEqual([again.used, again.besides], ['2', '1']);
      clock.advance(30_000);
      assert.deepEqual((await counted(tenant, calls(3))).besides, undefined);
      const names = (await database.counters(tenant, { limit: 100 })).map(({ counter }) => counter);
      assert.deepEqual([...new Set(names)].sort(), ['calls|task:tsk_1|0|60', 'calls|task:tsk_1|0|slices|60']);
    });

    test('more than the limit by an older release, before it was lowered, refuses and gives nothing', async () => {
      const tenant = store.ground.newId('tenant');
      for (let i = 0; i < 3; i++) await reserveAsFormerly(tenant, await counted(tenant, calls(9)));
      const lowered = await counted(tenant, calls(2));
      assert.deepEqual([lowered.used, lowered.max], ['3', '2']);
      await assert.rejects(reserve(tenant, lowered), isFull);
      await assert.rejects(reserve(tenant, { ...lowered, by: '0' as Decimal }), isFull);
    });
  });
}
