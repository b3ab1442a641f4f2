import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AmbitRefusal } from '@ambit/sdk/operator';
import { openHouse } from '../house.ts';

test('Alice leaves: what she asked for and what her agents did has ended, and her agents are shown until Ada gives them to Bob', async (t) => {
  const house = await openHouse();
  t.after(house.close);
  const { ada, alice, bob, refundBot, lookupBot, malloryBot } = house;
  const agents = [refundBot.id, lookupBot.id, malloryBot.id];
  const user = await alice.operator.agents.linkUser(malloryBot.id, { api: 'crm', externalId: 'm-1', label: 'Mallory' });
  const task = await house.openTask();
  const none = { agents: [], agentUsers: [], tasks: [] };
  assert.deepEqual(await ada.operator.agents.orphans(), none);

  const retired = await ada.operator.agents.retire(malloryBot.id, 'attacks');
  assert.deepEqual(
    retired.ending.left.map(({ id }) => id),
    [user.id],
  );
  const { state, ending } = await ada.operator.persons.disable(alice.id, 'left the company');
  assert.equal(state, 'disabled');
  assert.deepEqual(
    ending.ended.map(({ id }) => id),
    [task],
  );
  assert.deepEqual(ending.left.map(({ id }) => id).sort(), agents.slice(0, 2).sort());

  const orphans = await bob.operator.agents.orphans();
  assert.deepEqual(orphans.agents.map(({ id }) => id).sort(), agents.slice(0, 2).sort());
  assert.deepEqual(orphans.agentUsers, [
    { id: user.id, agent: malloryBot.id, api: 'crm', externalId: 'm-1', because: 'its agent is retired' },
  ]);
  assert.deepEqual(orphans.tasks, []);

  await assert.rejects(bob.operator.agents.reassign(refundBot.id, bob.id, 'mine'), AmbitRefusal);
  await ada.operator.persons.setRoles(bob.id, ['approver', 'owner']);
  for (const id of agents.slice(0, 2)) await ada.operator.agents.reassign(id, bob.id, 'Bob takes over');
  await assert.rejects(bob.operator.agents.unlinkUser(malloryBot.id, user.id), AmbitRefusal);
  await ada.operator.agents.unlinkUser(malloryBot.id, user.id);
  assert.deepEqual(await ada.operator.agents.orphans(), none);
});
