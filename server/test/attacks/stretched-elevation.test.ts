// A yes is stretched: beyond every bound, to another task, past its time, to a child, by the person who asked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApprovalId, Authority, TaskId } from '@ambit/protocol';
import { type House, only, openHouse, order, registerBot, wholeShop } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { atWork, joins, settled, twoMustAgree, type Working } from './questions.ts';
import { refundsUpTo, refused, stepsOf, until } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const shipping: Authority = [only('shop:shipping.get', 'path.orderId', order)];
const orders: Authority = [only('shop:orders.get', 'path.orderId', order)];
const orderPath = `/api/shop/orders/${order}`;

const wishFor = (authority: unknown, ttlSeconds = 60) => ({ authority, reason: 'It is needed.', ttlSeconds });
const ask = ({ agent, token }: Pick<Working, 'agent' | 'token'>, authority: unknown, ttlSeconds?: number) =>
  agent.api(token, 'POST', '/v1/agent/elevations', wishFor(authority, ttlSeconds));

async function openQuestion(working: Working, authority: unknown, ttlSeconds?: number) {
  const response = await ask(working, authority, ttlSeconds);
  assert.equal(response.status, 202, await response.clone().text());
  const id = response.headers.get('ambit-approval') as ApprovalId;
  return {
    id,
    location: response.headers.get('location') ?? '',
    question: await house.carol.operator.approvals.show(id),
  };
}

async function given(working: Working, authority: unknown, ttlSeconds?: number): Promise<void> {
  const { question } = await openQuestion(working, authority, ttlSeconds);
  await house.bob.operator.approvals.answer(question, 'yes');
  assert.equal((await settled(house, { question })).state, 'done');
}

const look = ({ agent, token }: { agent: RawAgent; token: string }) => agent.call(token, 'GET', orderPath);

test('beyond the ceiling of the agent nobody is asked, whatever anybody would say', async () => {
  const narrow = await registerBot(house.alice, 'narrow-bot', shipping);
  const working = await atWork(house, { authority: shipping }, narrow);
  const told = await refused(await ask(working, orders), 'elevation.beyond_ceiling');
  assert.doesNotMatch(JSON.stringify(told), /path\.orderId|psn_/, 'it hears which bound it is, not how far that goes');
  const asked = (await house.bob.operator.approvals.list()).filter((one) => one.task === working.task);
  assert.deepEqual(asked, []);
  const [step] = (await stepsOf(house, working.task)).filter(({ kind }) => kind === 'elevation.refused');
  assert.deepEqual([step?.decided, step?.code], ['deny', 'elevation.beyond_ceiling']);
});

test('beyond what the person behind the task may delegate nobody is asked either', async () => {
  await house.ada.operator.persons.setDelegable(house.alice.id, shipping);
  try {
    const working = await atWork(house, { authority: shipping });
    await refused(await ask(working, orders), 'elevation.beyond_delegable');
  } finally {
    await house.ada.operator.persons.setDelegable(house.alice.id, wholeShop);
  }
});

test('a bound that was tightened between question and yes holds: the yes gives nothing', async () => {
  const working = await atWork(house, { authority: shipping });
  const { question } = await openQuestion(working, orders);
  await house.ada.operator.persons.setDelegable(house.alice.id, shipping);
  try {
    await house.bob.operator.approvals.answer(question, 'yes');
    assert.equal((await settled(house, { question })).state, 'denied');
    await refused(await look(working), 'authority.not_covered');
  } finally {
    await house.ada.operator.persons.setDelegable(house.alice.id, wholeShop);
  }
  await refused(await look(working), 'authority.not_covered');
});

test('a bound that is tightened after the yes holds for the next call', async () => {
  const working = await atWork(house, { authority: shipping });
  await given(working, orders);
  assert.equal((await look(working)).status, 200);
  await house.ada.operator.persons.setDelegable(house.alice.id, shipping);
  try {
    await refused(await look(working), 'authority.beyond_delegable');
  } finally {
    await house.ada.operator.persons.setDelegable(house.alice.id, wholeShop);
  }
});

test('what one task was given no other has, of the same agent, key and person', async () => {
  const [first, second] = [await atWork(house, { authority: shipping }), await atWork(house, { authority: shipping })];
  await given(first, orders);
  assert.equal((await look(first)).status, 200);
  await refused(await look(second), 'authority.not_covered');
  const { location } = await openQuestion(first, [only('shop:customers.get', 'path.customerId', 'cus_0217')]);
  await refused(await second.agent.call(second.token, 'GET', location), 'thing.not_found');
});

test('the yes of one task answers not the same wish of another', async () => {
  const [first, second] = [await atWork(house, { authority: shipping }), await atWork(house, { authority: shipping })];
  const [one, two] = [await openQuestion(first, orders), await openQuestion(second, orders)];
  assert.notEqual(one.question.digest, two.question.digest);
  const swapped = { id: two.id, digest: one.question.digest };
  await assert.rejects(house.bob.operator.approvals.answer(swapped, 'yes'));
  await house.bob.operator.approvals.answer(one.question, 'yes');
  await settled(house, one);
  await refused(await look(second), 'authority.not_covered');
  await house.bob.operator.approvals.answer(two.question, 'no');
});

test('when its time is over it gives nothing, before anybody has written that down and after', async () => {
  const working = await atWork(house, { authority: shipping });
  await given(working, orders, 1);
  const { elevations } = await house.alice.operator.tasks.show(working.task);
  const ends = elevations[0]!.expiresAt;
  await until('its end', () => (Date.now() > ends ? true : undefined));
  for (let n = 0; n < 3; n++) await refused(await look(working), 'authority.not_covered');
});

test('whoever asked for the task does not answer, nor whoever never could', async () => {
  const working = await atWork(house, { authority: shipping });
  const { question } = await openQuestion(working, orders);
  for (const { operator } of [house.alice, house.carol, house.ada]) {
    await assert.rejects(operator.approvals.answer(question, 'yes'), { code: 'approval.not_yours' });
  }
  const late = await joins(house, 'Late', ['approver']);
  await assert.rejects(late.operator.approvals.answer(question, 'yes'), { code: 'approval.not_yours' });
  await refused(await look(working), 'authority.not_covered');
});

test('what needs two approvers to be done needs two to be given', async () => {
  await twoMustAgree(house);
  const working = await atWork(house, { authority: shipping });
  const { question } = await openQuestion(working, refundsUpTo('10.00'));
  assert.equal(question.answersNeeded, 2);
  await house.bob.operator.approvals.answer(question, 'yes');
  assert.equal((await house.bob.operator.approvals.show(question.id)).state, 'parked');
});

test('actions about which different people decide are not hidden in one question', async () => {
  const rule = { answersNeeded: 1, notRequester: true, notOwner: false, ttlSeconds: 600 };
  await house.ada.operator.approvals.setRule({ ...rule, action: 'shop:customers.get', role: 'auditor' });
  const working = await atWork(house, { authority: shipping });
  const customers = [only('shop:customers.get', 'path.customerId', 'cus_0217')];
  await refused(await ask(working, [...orders, ...customers]), 'elevation.several_approvers');
  const { question } = await openQuestion(working, customers);
  assert.equal(question.role, 'auditor');
});

test('what the catalog has closed to everybody no yes opens', async () => {
  const working = await atWork(house, { authority: shipping });
  await refused(
    await ask(working, [{ type: 'ambit_grant', actions: ['shop:apiKeys.create'] }]),
    'elevation.not_elevatable',
  );
  await refused(await ask(working, [{ type: 'ambit_grant', actions: ['shop:orders.explode'] }]), 'task.not_in_catalog');
});

test('a yes to have it is no yes to do what cannot be undone: each such call asks again', async () => {
  await house.ada.operator.catalog.set('shop:orders.removeNote', { reversibility: 'irreversible' });
  const working = await atWork(house, { authority: shipping });
  const removing: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.removeNote'] }];
  const { question } = await openQuestion(working, removing);
  const shown = question.shown.values.find(({ name }) => name === 'authority')?.value as Authority;
  assert.ok(
    shown[0]?.asks?.some((one) => 'always' in one),
    'and Bob sees that it will',
  );
  await house.bob.operator.approvals.answer(question, 'yes');
  await settled(house, { question });
  const call = await working.agent.call(working.token, 'DELETE', `${orderPath}/notes/not_000001`);
  assert.equal(call.status, 202, await call.clone().text());
  const next = await house.bob.operator.approvals.show(call.headers.get('ambit-approval') as ApprovalId);
  assert.match(next.asks.map(({ ask, reason }) => `${ask} ${reason}`).join(' '), /elv_.*only for a while/);
  await house.bob.operator.approvals.answer(next, 'no');
});

test('what became final between question and yes was not said yes to: the agent asks anew, and Bob sees it', async () => {
  const { catalog, approvals } = { catalog: house.ada.operator.catalog, approvals: house.bob.operator.approvals };
  await catalog.set('shop:orders.note', { reversibility: 'reversible' });
  const working = await atWork(house, { authority: shipping });
  const noting: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.note'] }];
  const { question } = await openQuestion(working, noting);
  await catalog.set('shop:orders.note', { reversibility: 'irreversible' });
  await approvals.answer(question, 'yes');
  assert.equal((await settled(house, { question })).state, 'denied');
  const write = () =>
    working.agent.call(working.token, 'POST', `${orderPath}/notes`, { body: { text: 'Called back.' } });
  await refused(await write(), 'authority.not_covered');
  const again = await openQuestion(working, noting);
  const shown = again.question.shown.values.find(({ name }) => name === 'authority')?.value as Authority;
  assert.ok(shown[0]?.asks?.some((one) => 'always' in one));
});

test('what became final after the yes asks a person for each call', async () => {
  const { catalog, approvals } = { catalog: house.ada.operator.catalog, approvals: house.bob.operator.approvals };
  await catalog.set('shop:orders.note', { reversibility: 'reversible' });
  const working = await atWork(house, { authority: shipping });
  await given(working, [{ type: 'ambit_grant', actions: ['shop:orders.note'] }]);
  const write = () =>
    working.agent.call(working.token, 'POST', `${orderPath}/notes`, { body: { text: 'Called back.' } });
  const before = await write();
  assert.equal(before.status, 201, await before.text());
  await catalog.set('shop:orders.note', { reversibility: 'irreversible' });
  const call = await working.agent.call(working.token, 'POST', `${orderPath}/notes`, {
    body: { text: 'Called twice.' },
  });
  assert.equal(call.status, 202, await call.clone().text());
  const next = await approvals.show(call.headers.get('ambit-approval') as ApprovalId);
  assert.match(next.asks.map(({ ask, reason }) => `${ask} ${reason}`).join(' '), /elv_.*cannot be undone/);
  await approvals.answer(next, 'no');
});

test('another key, another agent and an ended task ask for nothing', async () => {
  const working = await atWork(house, { authority: shipping });
  const thief = await rawAgent(house, house.refundBot);
  await refused(await thief.api(working.token, 'POST', '/v1/agent/elevations', wishFor(orders)), 'token.other_key');
  await house.alice.operator.tasks.revoke(working.task as TaskId, 'Enough.');
  await refused(await ask(working, orders), 'task.ended');
});

test('a suspended agent has nothing of it, and a yes in the meantime gives nothing', async () => {
  const bot = await registerBot(house.alice, 'paused-bot');
  const [first, second] = [
    await atWork(house, { authority: shipping }, bot),
    await atWork(house, { authority: shipping }, bot),
  ];
  await given(first, orders);
  const { question } = await openQuestion(second, orders);
  await house.alice.operator.agents.suspend(bot.id, 'It acts oddly.');
  const [, late] = await Promise.allSettled([look(first), house.bob.operator.approvals.answer(question, 'yes')]);
  assert.equal(late.status, 'rejected', 'its questions ended with its tasks');
  const { elevations } = await house.alice.operator.tasks.show(first.task);
  assert.deepEqual(
    elevations.map(({ state }) => state),
    ['ended'],
  );
});
