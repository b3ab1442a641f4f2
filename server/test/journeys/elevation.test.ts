// refund-bot finds that its task gives too little, asks for more, and may do exactly that, for exactly as long as Bob said.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, TaskId } from '@ambit/protocol';
import { AmbitRefusal, ApprovalRefused, connect, type Task } from '@ambit/sdk';
import { atWork, settled } from '../attacks/questions.ts';
import { refundsUpTo, refused, stepsOf, until } from '../attacks/witness.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const shipping: Authority = [only('shop:shipping.get', 'path.orderId', order)];
const notes: Authority = [only('shop:orders.get', 'path.orderId', order)];
const orderPath = `/api/shop/orders/${order}`;
const why = 'The customer also asks what was ordered.';

async function taken(authority: Authority = shipping, ttlSeconds = 600): Promise<Task> {
  const { id, key } = house.refundBot;
  const agent = await connect({ url: house.plane.agents, agent: id, key });
  return agent.accept(await house.openTask({ authority, ttlSeconds }));
}

/** Answers the next question about that task, as Bob. */
async function answerNext(task: TaskId, answer: 'yes' | 'no', reason: string | null = null) {
  const question = await until('a question', async () =>
    (await house.bob.operator.approvals.list()).find((one) => one.task === task),
  );
  return house.bob.operator.approvals.answer(question, answer, reason);
}

async function elevated(task: Task, authority: Authority, ttlSeconds = 60) {
  const [elevation] = await Promise.all([
    task.elevate({ authority, reason: why, ttlSeconds }),
    answerNext(task.id, 'yes'),
  ]);
  return elevation;
}

const denied = (code: string) => (error: unknown) => error instanceof AmbitRefusal && error.code === code;

test('before the yes the call is refused, after it the very same call is made, and the log tells the whole story', async () => {
  const task = await taken();
  await assert.rejects(task.fetch(orderPath), denied('authority.not_covered'));
  const elevation = await elevated(task, notes);
  assert.deepEqual([elevation.task, elevation.state], [task.id, 'standing']);
  assert.deepEqual(elevation.authority, notes);
  assert.equal((await task.fetch(orderPath)).status, 200);
  assert.equal((await task.api('shop')(`/orders/${order}/shipping`)).status, 200, 'and what it had, it has');
  await assert.rejects(task.fetch('/api/shop/orders/1043'), denied('authority.not_covered'), 'exactly that more');
  const steps = await stepsOf(house, task.id);
  const asked = steps.find(({ kind }) => kind === 'elevation.asked');
  assert.equal(asked?.agentClaims?.reason, why);
  assert.deepEqual(
    asked?.answers.map(({ by, answer }) => [by, answer]),
    [[house.bob.id, 'yes']],
  );
  assert.deepEqual(
    asked?.afterwards.map(({ kind }) => kind),
    ['elevation.granted'],
  );
  const call = steps.find(({ action, decided }) => action === 'shop:orders.get' && decided === 'permit');
  assert.match(call?.why.join(' ') ?? '', /A person let this task do more/);
  const { elevations, task: shown } = await house.alice.operator.tasks.show(task.id);
  assert.deepEqual(
    elevations.map(({ id }) => id),
    [elevation.id],
  );
  assert.deepEqual(shown.authority, shipping, 'the task itself is what Alice opened');
});

test('Bob sees every grant in words and as data, for how long, why, and that nothing else comes with it', async () => {
  const task = await taken();
  const asking = task.elevate({ authority: notes, reason: why, ttlSeconds: 90, wait: 0 });
  await assert.rejects(asking, { name: 'ApprovalPending' });
  const [question] = (await house.bob.operator.approvals.list()).filter((one) => one.task === task.id);
  const value = (name: string) => question?.shown.values.find((one) => one.name === name)?.value;
  assert.match(String(value('grant 1')), /May call shop:orders\.get/);
  assert.deepEqual(value('authority'), notes);
  assert.equal(value('seconds'), 90);
  assert.equal(question?.shown.claim, why);
  assert.match(question?.shown.sentence ?? '', /for 90 seconds/);
  assert.deepEqual([question?.shown.agent, question?.shown.requester], ['refund-bot', 'Alice']);
  await answerNext(task.id, 'no', 'The parcel is enough.');
  const again = task.elevationOf(question!.id, { wait: 5 });
  await assert.rejects(again, (error) => error instanceof ApprovalRefused && /The parcel is enough/.test(error.says));
  await assert.rejects(task.fetch(orderPath), denied('authority.not_covered'));
  assert.deepEqual((await house.alice.operator.tasks.show(task.id)).elevations, []);
});

test('it ends by itself, at the second that was said, and the log says so', async () => {
  const task = await taken();
  const elevation = await elevated(task, notes, 1);
  await until('its end', async () =>
    task.fetch(orderPath).then(
      () => undefined,
      (error) => (denied('authority.not_covered')(error) ? true : Promise.reject(error)),
    ),
  );
  assert.ok(Date.now() >= elevation.expiresAt);
  const told = await until('the entry', async () =>
    (await stepsOf(house, task.id)).find(({ kind }) => kind === 'elevation.expired'),
  );
  assert.ok(told);
  const { elevations } = await house.alice.operator.tasks.show(task.id);
  assert.deepEqual(
    elevations.map(({ state }) => state),
    ['expired'],
  );
});

test('its budget is its own: what the task has used up comes back for as much as was given, and no more', async () => {
  const { task, agent, token } = await atWork(house, { authority: refundsUpTo('30.00') });
  const refund = (amount: string, reason: string) =>
    agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body: { amount, currency: 'USD', reason } });
  assert.equal((await refund('30.00', 'a')).status, 201);
  await refused(await refund('5.00', 'b'), 'limits.sum_exceeded');
  const body = { authority: refundsUpTo('20.00'), reason: why, ttlSeconds: 60 };
  const response = await agent.api(token, 'POST', '/v1/agent/elevations', body);
  assert.equal(response.status, 202, await response.clone().text());
  await answerNext(task, 'yes');
  await settled(house, { question: { id: response.headers.get('ambit-approval') } as never });
  assert.equal((await refund('15.00', 'c')).status, 201);
  await refused(await refund('15.00', 'd'), 'limits.sum_exceeded');
  assert.equal((await refund('5.00', 'e')).status, 201);
  await refused(await refund('0.01', 'f'), 'limits.sum_exceeded');
});

test('a person takes it back at once, and it goes with its task', async () => {
  const task = await taken();
  const first = await elevated(task, notes);
  assert.equal((await task.fetch(orderPath)).status, 200);
  await house.alice.operator.tasks.endElevation(first.id, 'It is settled.');
  await assert.rejects(task.fetch(orderPath), denied('authority.not_covered'));
  await assert.rejects(house.alice.operator.tasks.endElevation(first.id, 'Again.'), { code: 'ending.over' });
  const second = await elevated(task, notes, 61);
  const { ended } = await house.alice.operator.tasks.revoke(task.id, 'Enough.');
  assert.ok(
    ended.some(({ kind, id }) => kind === 'elevation' && id === second.id),
    JSON.stringify(ended),
  );
  const { elevations } = await house.alice.operator.tasks.show(task.id);
  assert.deepEqual(
    elevations.map(({ state }) => state),
    ['ended', 'ended'],
  );
});

test('a task whose question is open when it ends gets nothing by a late yes', async () => {
  const task = await taken();
  await assert.rejects(task.elevate({ authority: notes, reason: why, ttlSeconds: 60, wait: 0 }));
  const [question] = (await house.bob.operator.approvals.list()).filter((one) => one.task === task.id);
  await house.alice.operator.tasks.revoke(task.id, 'Enough.');
  await assert.rejects(house.bob.operator.approvals.answer(question!, 'yes'), { code: 'approval.over' });
});

test('asking twice is one question, and what the task has already nobody is asked about', async () => {
  const task = await taken();
  const wish = { authority: notes, reason: why, ttlSeconds: 60, wait: 0 } as const;
  for (const _ of [1, 2]) await assert.rejects(task.elevate(wish), { name: 'ApprovalPending' });
  assert.equal((await house.bob.operator.approvals.list()).filter((one) => one.task === task.id).length, 1);
  await assert.rejects(task.elevate({ ...wish, authority: shipping }), denied('elevation.not_needed'));
});

test('a delegated task gets no more than the one above it, and more once that one has it', async () => {
  const top = await atWork(house, { authority: shipping });
  const helper = await rawAgent(house, house.lookupBot);
  const token = await tokenOf(
    await top.agent.tokenRequest(exchangeForm(top.token, await helper.actorToken(), shipping)),
  );
  const child = (
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      txn: string;
      mission: { id: TaskId };
    }
  ).mission.id;
  const wish = { authority: notes, reason: why, ttlSeconds: 60 };
  await refused(await helper.api(token, 'POST', '/v1/agent/elevations', wish), 'elevation.beyond_parent');
  const grant = async (agent: typeof helper, by: string, task: TaskId) => {
    const response = await agent.api(by, 'POST', '/v1/agent/elevations', wish);
    assert.equal(response.status, 202, await response.clone().text());
    await answerNext(task, 'yes');
    return settled(house, { question: { id: response.headers.get('ambit-approval') } as never });
  };
  assert.equal((await grant(top.agent, top.token, top.task)).state, 'done');
  await refused(await helper.call(token, 'GET', orderPath), 'authority.not_covered');
  assert.equal((await grant(helper, token, child)).state, 'done');
  assert.equal((await helper.call(token, 'GET', orderPath)).status, 200);
  const { elevations } = await house.alice.operator.tasks.show(top.task);
  const above = elevations.find((one) => one.task === top.task);
  await house.alice.operator.tasks.endElevation(above!.id, 'Not any more.');
  await refused(await helper.call(token, 'GET', orderPath), 'authority.not_covered');
});
