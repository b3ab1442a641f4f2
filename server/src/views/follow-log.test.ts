import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EntryHeader, TenantId } from '@ambit/protocol';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { entry, type Ground, planeItself } from '../foundation/index.ts';
import { foundTenant } from '../identity/testing.ts';
import { changesIn, needsDetail } from './changes-in.ts';
import { followLog } from './follow-log.ts';

let store: TestStore;
let ground: Ground;
let tenant: TenantId;
before(async () => {
  store = await openTestStore();
  ground = store.ground;
  ({ tenant } = await foundTenant(store.ground, 'Acme'));
});
after(() => store.close());

const write = async (of: TenantId, many: number, kind = 'catalog.imported') => {
  const entries = Array.from({ length: many }, () => entry({ id: ground.newId('entry'), kind, who: planeItself }));
  await ground.database.commit({ tenant: of, entries });
};

test('what was written since is told in order, to its own tenant only', async () => {
  const log = followLog(ground, 5);
  const from = await log.size();
  const next = await foundTenant(store.ground, 'Umbra');
  await write(next.tenant, 3);
  await write(tenant, 2);
  await write(tenant, 1, 'policy.published');
  await write(tenant, 1, 'proposal.made');
  const { until, changes } = await log.since(tenant, from);
  assert.equal(until, await log.size());
  assert.notEqual(changes, 'gap');
  const types = changes === 'gap' ? [] : changes.map(({ event }) => event.type);
  assert.deepEqual(types, ['catalog', 'catalog', 'policy', 'proposal']);
  assert.deepEqual(await log.since(tenant, until), { until, changes: [] });
  log.stop();
});

test('who waits is woken by what is written, by the end of the time, and by going', async () => {
  const log = followLog(ground, 5);
  const here = new AbortController();
  const size = await log.size();
  const woken = log.longerThan(size, 60_000, here.signal);
  await write(tenant, 1);
  await woken;
  await log.longerThan(await log.size(), 5, here.signal);
  const going = log.longerThan(await log.size(), 60_000, here.signal);
  here.abort();
  await going;
  await log.longerThan(await log.size(), 60_000, here.signal);
  log.stop();
});

test('thousands of changes are a gap, and no answer as long as they are', async () => {
  const log = followLog(ground, 5);
  const from = await log.size();
  for (let i = 0; i < 6; i++) await write(tenant, 900);
  assert.equal((await log.since(tenant, from)).changes, 'gap');
  assert.notEqual((await log.since(tenant, from + 1000)).changes, 'gap');
  log.stop();
});

const header = (more: Partial<EntryHeader>): EntryHeader => ({
  v: 1,
  id: ground.newId('entry'),
  tenant,
  at: 0,
  kind: 'call.decided',
  who: planeItself,
  task: null,
  run: null,
  about: null,
  action: null,
  decision: null,
  code: null,
  keys: [],
  changes: [],
  detailHash: '',
  ...more,
});

test('a question is told when it is asked, and not when the same is asked again', () => {
  const [task, approval] = [ground.newId('task'), ground.newId('approval')];
  const asked = header({ task, run: task, decision: 'ask' });
  const told = (detail: Record<string, unknown>) =>
    changesIn(asked, detail).flatMap(({ event, heardBy }) =>
      event.type === 'approval' ? [[event.what, heardBy]] : [],
    );
  assert.ok(needsDetail(asked));
  assert.deepEqual(told({ approval }), [['asked', { approval }]]);
  assert.deepEqual(told({ approval, again: true }), []);
  assert.deepEqual(told({ approval: 'tsk_nothing' }), []);
});

test('the end of a task tells of the tasks and the questions that ended with it', () => {
  const [task, child, approval] = [ground.newId('task'), ground.newId('task'), ground.newId('approval')];
  const ended = [
    { kind: 'task', id: task, of: 'x' },
    { kind: 'task', id: child, of: 'x' },
    { kind: 'approval', id: approval, of: child },
    null,
    'odd',
  ];
  const events = changesIn(header({ kind: 'task.ended', task, run: task }), { ended }).map(({ event }) => event);
  assert.deepEqual(
    events.flatMap((one) => (one.type === 'task' ? [one.task] : [])),
    [task, child],
  );
  assert.deepEqual(
    events.filter((one) => one.type === 'approval'),
    [{ type: 'approval', what: 'ended', approval, task: child, run: task }],
  );
});

test('an entry whose detail is gone still tells that its run grew', () => {
  const task = ground.newId('task');
  const events = changesIn(header({ task, run: task, decision: 'ask' }), null).map(({ event }) => event.type);
  assert.deepEqual(events, ['line']);
});
