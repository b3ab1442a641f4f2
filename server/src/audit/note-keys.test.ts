import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { KeyDescription } from '../foundation/index.ts';
import { noteKeys } from './note-keys.ts';
import { readDetail } from './store.ts';
import { acme, openTestLog, plane, say, type TestLog } from './testing.ts';

const key = (kind: KeyDescription['kind'], id: string, use: KeyDescription['use'] = 'current') =>
  ({ kind, id, use, madeAt: 7 }) as const;
const first = [key('log', 'l1'), key('master', 'm1'), key('token', 't1'), key('vault', 'v1')];
const rotated = [...first.slice(0, 3), key('vault', 'v2'), key('vault', 'v1', 'older')];

let log: TestLog;
const open: TestLog[] = [];
beforeEach(async () => {
  log = await openTestLog();
  open.push(log);
});
after(() => Promise.all(open.map((one) => one.close())));

const noted = () => log.store.ground.database.log.entries(plane, { kind: 'keys.changed', limit: 10 });

test('the first keys are noted, and the same keys are noted once', async () => {
  const { ground } = log.store;
  assert.equal(await noteKeys(ground, plane, first), true);
  await say(log.store);
  assert.equal(await noteKeys(ground, plane, first), false);
  const [entry, ...more] = await noted();
  assert.deepEqual(more, []);
  assert.deepEqual(entry?.header.keys, ['log:l1', 'master:m1', 'token:t1', 'vault:v1']);
  assert.equal(entry?.header.who.initiator, 'plane');
});

test('another key, another order and the way back are changes, and it is told what came and what went', async () => {
  const { ground } = log.store;
  const swapped = [...first.slice(0, 3), key('vault', 'v1'), key('vault', 'v2', 'older')];
  for (const keys of [first, rotated, swapped, first]) assert.equal(await noteKeys(ground, plane, keys), true);
  const details = (await noted()).map((one) => readDetail(ground.database.log, one));
  const told = details.map((one) => {
    assert.ok(typeof one === 'object');
    const { added, gone } = one.detail as Record<string, unknown>;
    return { added, gone };
  });
  assert.deepEqual(told.slice(1), [
    { added: ['vault:v2'], gone: [] },
    { added: [], gone: [] },
    { added: [], gone: ['vault:v2'] },
  ]);
});

test('keys of the plane are no entry of a tenant', async () => {
  await noteKeys(log.store.ground, plane, first);
  assert.deepEqual(await log.store.ground.database.log.entries(acme, { kind: 'keys.changed', limit: 10 }), []);
});
