import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatId, type TenantId } from '@ambit/protocol';
import { defaultWatch, makeWatch, type Watch } from './watch.ts';

const tenant: TenantId = formatId('tenant', new Uint8Array(13).fill(1));
const neighbour: TenantId = formatId('tenant', new Uint8Array(13).fill(2));
const call = (agent = 'refund-bot', of = tenant, action = 'shop:refunds.create') => ({ tenant: of, agent, action });

function fail(watch: Watch, agents: readonly string[], seen: 'broken' | 'refused' | 'denied', times: number): void {
  for (let i = 0; i < times; i++) watch.learn(call(agents[i % agents.length]), i, seen);
}

test('a failing upstream rests for every agent of the tenant, says so, and says for how long', () => {
  const watch = makeWatch();
  fail(watch, ['a', 'b', 'c', 'd', 'e'], 'broken', 5);
  const halt = watch.admit(call('fresh-bot'), 10);
  assert.equal(halt?.code, 'limits.upstream_resting');
  assert.equal(halt?.retryAfterSeconds, 5);
  assert.equal(watch.admit(call('fresh-bot', tenant, 'shop:orders.get'), 10), null);
});

test("a neighbour's failures are not ours", () => {
  const watch = makeWatch();
  fail(watch, ['a', 'b'], 'broken', 10);
  assert.equal(watch.admit(call('a', neighbour), 10), null);
});

test('an agent that keeps failing rests alone', () => {
  for (const seen of ['refused', 'denied'] as const) {
    const watch = makeWatch();
    fail(watch, ['mallory'], seen, 20);
    assert.equal(watch.admit(call('mallory'), 20)?.code, 'limits.caller_resting');
    assert.equal(watch.admit(call('refund-bot'), 20), null);
    assert.equal(watch.admit(call('mallory', tenant, 'shop:orders.get'), 20), null);
  }
});

test('one agent alone at a broken upstream is told that it is the upstream', () => {
  const watch = makeWatch();
  fail(watch, ['refund-bot'], 'broken', 5);
  assert.equal(watch.admit(call(), 10)?.code, 'limits.upstream_resting');
  assert.equal(watch.admit(call('lookup-bot'), 10), null);
});

test('an agent that calls too fast waits, and others do not', () => {
  const watch = makeWatch({ ...defaultWatch, pace: { limit: 60, windowMs: 60_000, burst: 2 } });
  assert.equal(watch.admit(call(), 0), null);
  assert.equal(watch.admit(call(), 0), null);
  assert.deepEqual(watch.admit(call(), 0), {
    code: 'limits.rate_exceeded',
    because: 'refund-bot calls too fast',
    retryAfterSeconds: 1,
  });
  assert.equal(watch.admit(call('lookup-bot'), 0), null);
  assert.equal(watch.admit(call(), 1000), null);
});

test('names that run together are still two agents', () => {
  const watch = makeWatch();
  for (let i = 0; i < 20; i++) watch.learn({ tenant, agent: 'a","b', action: 'c' }, i, 'refused');
  assert.equal(watch.admit({ tenant, agent: 'a', action: 'b","c' }, 20), null);
});

test('a tenant with many keys pushes out its own oldest only', () => {
  const watch = makeWatch({ ...defaultWatch, keysMax: 3 });
  for (let i = 0; i < 20; i++) watch.learn(call('a', neighbour), i, 'refused');
  for (let n = 0; n < 10; n++) for (let i = 0; i < 20; i++) watch.learn(call(`bot-${n}`), i, 'refused');
  assert.equal(watch.admit(call('a', neighbour), 30)?.code, 'limits.caller_resting');
  assert.equal(watch.admit(call('bot-9'), 30)?.code, 'limits.caller_resting');
  assert.equal(watch.admit(call('bot-0'), 30), null);
});
