// The plane stops and starts again on its data: everything is found again, nothing comes back to life, and no second one runs beside it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../src/main.ts';
import { asked, atWork, poll, settled } from '../attacks/questions.ts';
import { callsOf, refund, refundsUpTo, refused } from '../attacks/witness.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const path = `/api/shop/orders/${order}`;

test('a token of before works after, and so does one that was handed on', async () => {
  const working = await atWork(house);
  const lookup = await rawAgent(house, house.lookupBot);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const form = exchangeForm(working.token, await lookup.actorToken(), less);
  const child = await tokenOf(await working.agent.tokenRequest(form));
  await house.restart();
  assert.equal((await working.agent.call(working.token, 'GET', path)).status, 200);
  assert.equal((await lookup.call(child, 'GET', `${path}/shipping`)).status, 200);
});

test('what was spent stays spent, and what is dead stays dead', async () => {
  const working = await atWork(house, { authority: refundsUpTo('100.00') });
  const gone = await atWork(house);
  assert.equal((await refund(working.agent, working.token, '70.00')).status, 201);
  await house.alice.operator.tasks.revoke(gone.task, 'Not needed.');
  await house.restart();
  await refused(await refund(working.agent, working.token, '40.00'), 'limits.sum_exceeded');
  assert.equal((await refund(working.agent, working.token, '30.00')).status, 201);
  await refused(await gone.agent.call(gone.token, 'GET', path), 'task.ended');
});

test('a proof that was used before the stop is used after it', async () => {
  const working = await atWork(house);
  const proof = await working.agent.proof('GET', `${house.plane.agents}${path}`, { token: working.token });
  assert.equal((await working.agent.call(working.token, 'GET', path, { proof })).status, 200);
  await house.restart();
  await refused(await working.agent.call(working.token, 'GET', path, { proof }), 'proof.replayed');
});

test('a question that was open can be answered after, and runs once', async () => {
  const refunds = house.shop.ledger().length;
  const waiting = await asked(house, await atWork(house));
  await house.restart();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  assert.equal((await poll(waiting)).status, 201);
  await house.restart();
  assert.equal((await settled(house, waiting)).state, 'done');
  assert.equal((await poll(waiting, 0)).status, 201, 'the answer is still there for the agent');
  assert.equal(house.shop.ledger().length, refunds + 1);
});

test('people, agents, rules, the catalog and the log are as they were', async () => {
  const look = async () => {
    const { policies, catalog, agents, persons } = house.ada.operator;
    return {
      rules: (await policies.list()).map(({ number, digest }) => [number, digest]),
      catalog: (await catalog.list()).version,
      agents: (await agents.list()).map(({ id, state, epoch }) => [id, state, epoch]),
      persons: (await persons.list()).map(({ id }) => id),
    };
  };
  const { task } = await atWork(house);
  const [before, size, story] = [
    await look(),
    (await house.carol.operator.log.checkpoint()).size,
    await callsOf(house, task),
  ];
  await house.restart();
  assert.deepEqual(await look(), before);
  assert.deepEqual(await callsOf(house, task), story);
  assert.ok((await house.carol.operator.log.checkpoint()).size >= size);
});

test('a second plane on the same data is refused in a sentence, and the first goes on', async () => {
  const { config } = house;
  await assert.rejects(serve(config), (error: Error) => {
    assert.match(error.message, /another|already|in use|holds/i);
    assert.ok(error.message.includes(config.dataDirectory) || /process/.test(error.message), error.message);
    return true;
  });
  const { agent, token } = await atWork(house);
  assert.equal((await agent.call(token, 'GET', path)).status, 200);
});

test('a start without its keys, or with those of another plane, is refused before anything is read', async () => {
  const { config } = house;
  const missing = { ...config, keyFile: join(house.directory, 'keys', 'nowhere.keys') };
  await assert.rejects(serve(missing), /keys?/i);
});

test('another address in front of the same data makes old tokens void, with a clear refusal', async () => {
  const working = await atWork(house);
  const address = house.plane.agents;
  const other = 'https://ambit.example';
  await house.restart({ AMBIT_AGENT_ORIGIN: other });
  const proof = await working.agent.proof('GET', `${other}${path}`, { token: working.token });
  const response = await fetch(new URL(path, address), {
    headers: { authorization: `DPoP ${working.token}`, dpop: proof },
  });
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /invalid_token/);
});
