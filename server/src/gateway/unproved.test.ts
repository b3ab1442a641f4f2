import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AgentId, EntryId, TaskId, TenantId, TokenId } from '@ambit/protocol';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { type Ground, refuse, StoreFault } from '../foundation/index.ts';
import { plane } from '../identity/index.ts';
import { createUnproved, type ShownToken, type UnprovedRequest } from './unproved.ts';

let opened: TestStore;
before(async () => {
  opened = await openTestStore();
});
after(() => opened.close());

let tenants = 0;
/** Nobody else writes into this one. */
const freshToken = (): ShownToken => ({
  tenant: `ten_${++tenants}` as TenantId,
  token: `tok_${tenants}` as TokenId,
  agent: 'agt_1' as AgentId,
  requester: null,
  task: 'tsk_1' as TaskId,
  run: 'tsk_0' as TaskId,
});
const request = (token: ShownToken | null, more: Partial<UnprovedRequest> = {}): UnprovedRequest => ({
  source: '192.0.2.1',
  channel: 'gateway',
  token,
  request: 'GET /api/shop/orders/1042',
  ...more,
});
const missing = refuse('token.missing', 'no Authorization header came');

async function written(tenant: TenantId, ground: Ground = opened.ground) {
  const all = await ground.database.log.entries(tenant, { limit: 10_000 });
  return all.map((one) => ({ ...one.header, ...ground.database.log.open(one)?.detail }) as Record<string, unknown>);
}

describe('refusals of callers that proved nothing', () => {
  test('are an entry the first time, with all that is known of it', async () => {
    const token = freshToken();
    const unproved = createUnproved(opened.ground);
    const id = await unproved.record(missing, request(token));
    const [entry, ...more] = await written(token.tenant);
    assert.equal(more.length, 0);
    assert.equal(entry!.id, id);
    assert.deepEqual(
      [entry!.kind, entry!.decision, entry!.code, entry!.task, entry!.run, entry!.token, entry!.source, entry!.request],
      [
        'call.refused',
        'deny',
        'token.missing',
        'tsk_1',
        'tsk_0',
        token.token,
        '192.0.2.1',
        'GET /api/shop/orders/1042',
      ],
    );
    assert.equal((entry!.who as { initiator: string }).initiator, 'unproved');
  });

  test('are counted from then on, and told in one entry when the minute is over', async () => {
    const token = freshToken();
    const unproved = createUnproved(opened.ground);
    const first = await unproved.record(missing, request(token));
    for (let i = 0; i < 50; i++) assert.equal(await unproved.record(missing, request(token)), first);
    assert.equal((await written(token.tenant)).length, 1);
    opened.ground.clock.advance(59_999);
    await unproved.sweep();
    assert.equal((await written(token.tenant)).length, 1);
    opened.ground.clock.advance(1);
    await unproved.sweep();
    await unproved.sweep();
    const [, more, ...rest] = await written(token.tenant);
    assert.deepEqual([more!.kind, more!.more, rest.length], ['call.refused-more', 50, 0]);
    assert.notEqual(await unproved.record(missing, request(token)), first, 'the next minute begins with an entry');
  });

  test('that came once leave nothing more to tell', async () => {
    const token = freshToken();
    const unproved = createUnproved(opened.ground);
    await unproved.record(missing, request(token));
    await unproved.flush();
    assert.equal((await written(token.tenant)).length, 1);
  });

  test('are counted apart by source, code, channel and token', async () => {
    const token = freshToken();
    const unproved = createUnproved(opened.ground);
    const ids = new Set<EntryId | undefined>();
    ids.add(await unproved.record(missing, request(token)));
    ids.add(await unproved.record(missing, request(token, { source: '192.0.2.2' })));
    ids.add(await unproved.record(missing, request(token, { channel: 'api' })));
    ids.add(await unproved.record(missing, request({ ...token, token: 'tok_other' as TokenId })));
    ids.add(await unproved.record(refuse('token.other_key', 'x'), request(token)));
    assert.equal(ids.size, 5);
    assert.equal((await written(token.tenant)).length, 5);
  });

  test('that come at once are one entry, and all the others are counted', async () => {
    const token = freshToken();
    const unproved = createUnproved(opened.ground);
    await Promise.all(Array.from({ length: 30 }, () => unproved.record(missing, request(token))));
    await unproved.flush();
    await unproved.flush();
    const all = await written(token.tenant);
    assert.deepEqual(
      all.map((one) => [one.kind, one.more]),
      [
        ['call.refused', 0],
        ['call.refused-more', 29],
      ],
    );
  });

  test('are told once also where the minute ends while the first is being written', async () => {
    const token = freshToken();
    const unproved = createUnproved(opened.ground);
    const all = [unproved.record(missing, request(token)), unproved.record(missing, request(token)), unproved.flush()];
    await Promise.all(all);
    await unproved.flush();
    const more = (await written(token.tenant)).reduce((sum, one) => sum + Number(one.more), 0);
    assert.equal(more, 1);
  });

  test('without a token belong to the plane', async () => {
    const unproved = createUnproved(opened.ground);
    const id = await unproved.record(missing, request(null));
    const entry = (await written(plane)).find((one) => one.id === id);
    assert.deepEqual([entry?.task, entry?.run, entry?.token], [null, null, null]);
  });
});

test('a flood of sources fills neither the memory nor the log: from a thousand on they share one count', async () => {
  const { ground, close } = await openTestStore();
  const unproved = createUnproved(ground);
  const sources = Array.from({ length: 3000 }, (_, i) => `198.51.100.${i}`);
  await Promise.all(sources.map((source) => unproved.record(missing, request(null, { source }))));
  assert.equal((await written(plane, ground)).length, 1001);
  const known = await unproved.record(missing, request(null, { source: sources[9]! }));
  assert.ok(known, 'who was counted alone still is');
  assert.equal((await written(plane, ground)).length, 1001);
  await unproved.flush();
  const more = (await written(plane, ground)).filter((one) => one.kind === 'call.refused-more');
  assert.deepEqual(more.map((one) => one.more).sort(), [1, 1999]);
  await close();
});

test('what could not be written when it came is counted with the rest', async () => {
  const token = freshToken();
  let failing = true;
  const commit: Ground['database']['commit'] = (unit) =>
    failing ? Promise.reject(new StoreFault('the disk is full')) : opened.ground.database.commit(unit);
  const ground = { ...opened.ground, database: { ...opened.ground.database, commit } };
  const unproved = createUnproved(ground);
  await assert.rejects(unproved.record(missing, request(token)), StoreFault);
  failing = false;
  await unproved.record(missing, request(token));
  await unproved.flush();
  assert.deepEqual(
    (await written(token.tenant)).map((one) => one.more),
    [2],
  );
});

test('a fault that no caller hears of is an entry with what it was about', async () => {
  const { tenant } = freshToken();
  const unproved = createUnproved(opened.ground);
  await unproved.fault(tenant, 'the approved call apr_1', new TypeError('x is undefined'));
  await unproved.fault(tenant, 'something', 'a text');
  assert.deepEqual(
    (await written(tenant)).map((one) => [one.kind, one.code, one.about, one.because]),
    [
      ['plane.fault', 'plane.fault', 'the approved call apr_1', 'TypeError: x is undefined'],
      ['plane.fault', 'plane.fault', 'something', 'a text'],
    ],
  );
});
