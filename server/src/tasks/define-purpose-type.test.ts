import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { definePurposeType } from './define-purpose-type.ts';
import { openTasks, refusal, type TestTasks } from './testing.ts';

let t: TestTasks;
before(async () => {
  t = await openTasks();
});
after(() => t.close());

test('a purpose type is active at once, told by an entry, and there once in its tenant', async () => {
  const sales = { name: 'sales', says: 'Sells' };
  const made = await definePurposeType(t.ground, t.home.admin.caller, sales);
  assert.deepEqual(made, { ...sales, state: 'active' });
  const written = await t.ground.database.log.entries(t.home.tenant, { kind: 'task.purpose-defined', limit: 9 });
  assert.equal(t.ground.database.log.open(written.at(-1)!)?.detail.name, 'sales');
  await assert.rejects(definePurposeType(t.ground, t.home.admin.caller, sales), refusal('thing.exists'));
  const again = { ...sales, says: 'Something else' };
  await assert.rejects(definePurposeType(t.ground, t.home.admin.caller, again), refusal('thing.exists'));
  const next = await t.nextDoor();
  await assert.rejects(
    t.open(await t.bot(), { purpose: { type: 'gone', text: 'x' } }),
    refusal('task.purpose_unknown'),
  );
  await assert.rejects(
    next.open(await next.bot(), { purpose: { type: 'sales', text: 'x' } }),
    refusal('task.purpose_unknown'),
  );
  await definePurposeType(t.ground, next.home.admin.caller, sales);
  assert.equal((await next.open(await next.bot(), { purpose: { type: 'sales', text: 'x' } })).purposeType, 'sales');
});
