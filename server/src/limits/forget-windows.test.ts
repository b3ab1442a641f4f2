import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decimalOf, type TenantId } from '@ambit/protocol';
import { handClock, openTestStore } from '../foundation/database/testing.ts';
import { type ChargedGrant, type Charging, chargesOf } from './charges.ts';
import { createWindowSweep } from './forget-windows.ts';

const store = await openTestStore(handClock());
after(() => store.close());
const { ground } = store;
const day = 86_400_000;

/** What one call adds to: a limit over a minute, one over a month, and one in all. */
function charges() {
  const limits = [{ calls: 5, seconds: 60 }, { calls: 9, seconds: 2_592_000 }, { calls: 100 }];
  const grant: ChargedGrant['grant'] = { type: 'ambit_grant', actions: ['shop:orders.get'], limits };
  const call: Charging = {
    now: ground.clock(),
    action: 'shop:orders.get',
    cost: decimalOf('1'),
    grants: [{ owner: 'task:t', index: 0, grant }],
    standing: [],
    behind: { agent: 'agt_1', requester: null, purpose: 'support' },
  };
  const found = chargesOf(call);
  assert.ok(found.kind === 'charges');
  return found.charges;
}

async function spend(tenant: TenantId) {
  const made = charges().map(({ counter, window, by, max, otherwise }) => ({ counter, window, by, max, otherwise }));
  const changes = made.map((one) => ({ change: 'reserve' as const, ...one }));
  await ground.database.commit({ tenant, changes, entries: [] });
  return made;
}

const kept = async (tenant: TenantId, of: Awaited<ReturnType<typeof spend>>) => {
  const used = await Promise.all(of.map(({ counter, window }) => ground.database.counter(tenant, counter, window)));
  return [...new Set(of.filter((_, i) => used[i] !== '0').map(({ counter }) => counter.split('|').at(-1)))];
};

test('windows are forgotten a day after they ended; a longer one, and what counts in all, stay', async () => {
  const [tenant, neighbour] = [ground.newId('tenant'), ground.newId('tenant')];
  const forget = createWindowSweep(ground);
  const [spent, theirs] = [await spend(tenant), await spend(neighbour)];
  await forget(tenant);
  assert.deepEqual(await kept(tenant, spent), ['60', '2592000', 'all'], 'a window that is open counts on');
  ground.clock.advance(day);
  await forget(tenant);
  assert.ok((await kept(tenant, spent)).includes('60'), 'one that has just ended can still be settled');
  ground.clock.advance(day);
  await forget(tenant);
  assert.deepEqual(await kept(tenant, spent), ['2592000', 'all']);
  assert.deepEqual(await kept(neighbour, theirs), ['60', '2592000', 'all']);
  ground.clock.advance(70 * day);
  await forget(tenant);
  assert.deepEqual(await kept(tenant, spent), ['all']);
});

test('a tenant is swept at most once a minute, whoever else is', async () => {
  const [tenant, neighbour] = [ground.newId('tenant'), ground.newId('tenant')];
  const forget = createWindowSweep(ground);
  await forget(tenant);
  const [spent, theirs] = [await spend(tenant), await spend(neighbour)];
  const isLate = (of: typeof spent) => of.map((one) => ({ ...one, window: one.window > 0 ? 60_000 : 0 }));
  for (const [whose, of] of [
    [tenant, spent],
    [neighbour, theirs],
  ] as const) {
    const changes = isLate(of).map((one) => ({ change: 'reserve' as const, ...one, max: null }));
    await ground.database.commit({ tenant: whose, changes, entries: [] });
  }
  ground.clock.advance(59_000);
  await Promise.all([forget(tenant), forget(neighbour)]);
  assert.ok((await kept(tenant, isLate(spent))).includes('60'));
  assert.deepEqual(await kept(neighbour, isLate(theirs)), ['all']);
  ground.clock.advance(1000);
  await forget(tenant);
  assert.deepEqual(await kept(tenant, isLate(spent)), ['all']);
});
