// Mallory learns the address where a parked refund will be answered, and polls it with whatever tokens there are.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';
import { asked, atWork, poll, type Waiting } from './questions.ts';
import { refused } from './witness.ts';

let house: House;
let waiting: Waiting;
before(async () => {
  house = await openHouse();
  waiting = await asked(house, await atWork(house));
});
after(() => house.close());

const absent = '/v1/agent/approvals/apr_00000000000000000000';

/** All who have a token of the plane and are not the ones who asked. */
async function thieves(): Promise<Record<string, Waiting>> {
  const { agent, token } = waiting;
  const other = await atWork(house, {}, house.malloryBot);
  const sameAgent = await atWork(house);
  const sibling = await house.openTask();
  const lookup = await rawAgent(house, house.lookupBot);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), less)));
  return {
    'another agent': { ...waiting, agent: other.agent, token: other.token },
    'the same agent with another key': { ...waiting, agent: sameAgent.agent, token: sameAgent.token },
    'the same key in another task': { ...waiting, token: await agent.accept(sibling) },
    'a sub-agent of the very task': { ...waiting, agent: lookup, token: child },
  };
}

test('to everyone else the question looks like one that does not exist, before the yes and after', async () => {
  const others = await thieves();
  const looks = async (thief: Waiting) => {
    const [there, nowhere] = [await poll(thief, 0), await poll({ ...thief, location: absent }, 0)];
    const [a, b] = [await refused(there, 'thing.not_found'), await refused(nowhere, 'thing.not_found')];
    assert.deepEqual({ ...a, entry: '' }, { ...b, entry: '' });
    assert.equal(there.headers.get('ambit-approval'), null);
  };
  for (const thief of Object.values(others)) await looks(thief);
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  assert.equal((await poll(waiting)).status, 201);
  for (const thief of Object.values(others)) await looks(thief);
});

test('a stolen token without the key it is bound to polls nothing', async () => {
  const thief = await rawAgent(house, house.malloryBot);
  await refused(await thief.call(waiting.token, 'GET', waiting.location), 'token.other_key');
  const bare = await fetch(`${house.plane.agents}${waiting.location}`, {
    headers: { authorization: `Bearer ${waiting.token}` },
  });
  await refused(bare, 'token.bearer_refused');
});

test('the agent that asked hears the answer again, until its task ends', async () => {
  const again = await poll(waiting, 0);
  assert.equal(again.status, 201);
  assert.match(await again.text(), /rfd_/);
  await waiting.agent.api(waiting.token, 'POST', `/v1/agent/tasks/${waiting.task}/complete`);
  await refused(await poll(waiting, 0), 'task.ended');
});
