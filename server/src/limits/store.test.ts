import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decimalOf, type Grant } from '@ambit/protocol';
import { backends, type TestStore } from '../foundation/database/testing.ts';
import { type Change, entry, planeItself, Refusal } from '../foundation/index.ts';
import { type Charge, chargesOf } from './charges.ts';
import { removeStandingLimit, setStandingLimit } from './set-standing-limit.ts';
import { settle } from './settle.ts';
import { listStandingLimits } from './store.ts';

const daily = { name: 'refunds-per-day', subject: 'tenant', limit: { calls: 5, seconds: 86_400 }, reason: 'Calm' };

for (const backend of backends) {
  describe(`limits on the ${backend.name} store`, { skip: backend.skip }, () => {
    let store: TestStore;
    before(async () => {
      store = await backend.open();
    });
    after(() => store.close());

    test(`a limit is set, replaced and removed, each time with its entry`, async () => {
      const { ground } = store;
      const tenant = ground.newId('tenant');
      const by = { tenant, who: planeItself };
      await setStandingLimit(ground, by, daily);
      const replaced = await setStandingLimit(ground, by, { ...daily, limit: { calls: 9, seconds: 60 } });
      assert.deepEqual(await listStandingLimits(ground, tenant), [replaced]);
      assert.deepEqual(await listStandingLimits(ground, ground.newId('tenant')), []);
      await removeStandingLimit(ground, by, daily.name);
      assert.deepEqual(await listStandingLimits(ground, tenant), []);
      const kinds = (await ground.database.log.entries(tenant, { limit: 10 })).map(
        ({ header }) => `${header.kind} ${header.changes.length}`,
      );
      assert.deepEqual(kinds.sort(), ['limits.removed 1', 'limits.set 1', 'limits.set 1']);
    });

    test(`what is not there cannot be removed`, async () => {
      const { ground } = store;
      const by = { tenant: ground.newId('tenant'), who: planeItself };
      await assert.rejects(
        removeStandingLimit(ground, by, 'x'),
        (error) => error instanceof Refusal && error.code === 'thing.not_found',
      );
    });

    test(`calls that race for a budget never take more than there is`, async () => {
      const { ground } = store;
      const tenant = ground.newId('tenant');
      const grant: Grant = {
        type: 'ambit_grant',
        actions: ['shop:refunds.create'],
        limits: [{ sum: { max: '250.00', currency: 'USD' }, seconds: 60 }, { calls: 100 }],
      };
      const charges = (): readonly Charge[] => {
        const found = chargesOf({
          now: ground.clock(),
          action: 'shop:refunds.create',
          money: { amount: decimalOf('30.00'), currency: 'USD' },
          cost: decimalOf('1'),
          grants: [{ owner: 'task:t', index: 0, grant }],
          standing: [],
          behind: { agent: 'agt_1', requester: null, purpose: 'support' },
        });
        return found.kind === 'charges' ? found.charges : [];
      };
      const commit = (changes: readonly Change[]) =>
        ground.database.commit({
          tenant,
          changes,
          entries: [entry({ id: ground.newId('entry'), kind: 'call.decided', who: planeItself })],
        });
      const reserve = () =>
        commit(
          charges().map(({ counter, window, by, max, around, otherwise }) => ({
            change: 'reserve',
            counter,
            window,
            by,
            max,
            ...(around && { around }),
            otherwise,
          })),
        );

      const results = await Promise.allSettled(Array.from({ length: 20 }, reserve));
      const lost = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      assert.equal(results.length - lost.length, 8);
      assert.ok(lost.every((error) => error instanceof Refusal && error.code === 'limits.window_exceeded'));

      await commit(settle(charges(), 'failed'));
      await reserve();
      await assert.rejects(reserve(), Refusal);
      const calls = charges().find(({ counter }) => counter.startsWith('calls|'));
      assert.ok(calls !== undefined);
      assert.equal(await ground.database.counter(tenant, calls.counter, 0), '9');
    });
  });
}
