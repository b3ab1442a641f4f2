import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Refusal } from '../foundation/index.ts';
import { findTask, narrowTask } from '../tasks/index.ts';
import { accepted, closeShared, lookUp, openPlane, orders, payroll } from './testing.ts';

after(closeShared);

const code = (expected: string) => (error: unknown) => error instanceof Refusal && error.code === expected;

test('who asked takes part of a task back; it goes on with the rest, and the entry says what it had', async (t) => {
  const plane = await openPlane();
  t.after(plane.close);
  const { ground, home, alice } = plane;
  const task = await accepted(plane, await plane.bot('refund-bot'), orders);
  const wish = { task: task.id, authority: lookUp, reason: 'no refunds' };
  assert.deepEqual((await narrowTask(ground, alice.caller, wish)).authority, lookUp);
  const now = await findTask(ground, home.tenant, task.id);
  assert.deepEqual([now?.authority, now?.epoch, now?.state], [lookUp, task.epoch + 1, 'active']);
  const [entry] = await ground.database.log.entries(home.tenant, { kind: 'task.narrowed', limit: 9 });
  assert.deepEqual(ground.database.log.open(entry!)?.detail.before, task.authority);
  await assert.rejects(narrowTask(ground, alice.caller, { ...wish, authority: orders }), code('task.widened'));
});

test('more than it has, another’s task, a neighbour’s and one that is over are not narrowed', async (t) => {
  const plane = await openPlane();
  t.after(plane.close);
  const { ground, home, alice } = plane;
  const task = await accepted(plane, await plane.bot('refund-bot'), lookUp);
  const wish = { task: task.id, authority: lookUp, reason: 'x' };
  await assert.rejects(narrowTask(ground, alice.caller, { ...wish, authority: payroll }), code('task.widened'));
  const mallory = await home.join('Mallory');
  await assert.rejects(narrowTask(ground, mallory.caller, wish), code('thing.not_found'));
  const neighbour = await plane.nextDoor();
  await assert.rejects(narrowTask(ground, neighbour.admin.caller, wish), code('thing.not_found'));
  ground.clock.advance(3_700_000);
  await assert.rejects(narrowTask(ground, alice.caller, wish), code('task.ended'));
  assert.deepEqual((await findTask(ground, home.tenant, task.id))?.authority, lookUp);
});
