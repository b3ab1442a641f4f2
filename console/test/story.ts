import assert from 'node:assert/strict';
import { type ApprovalId, type Authority, decimalOf, type EntryId, type Grant, type TaskId } from '@ambit/protocol';
import { ApprovalPending, connect, type Task } from '@ambit/sdk';
import { type Approval, boundsWithin, rememberableOf } from '@ambit/sdk/operator';
import { settled } from '../../server/test/attacks/questions.ts';
import { type Bot, type House, only, order, registerBot } from '../../server/test/house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../../server/test/raw-agent.ts';

const labels: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:orders.note'],
    asks: [{ always: true, reason: 'Notes on orders are read by customers’ services: a person looks first.' }],
  },
];

/** What there is to be seen once the story is told. */
export type Told = {
  /** A task with a sub-agent under it, whose run permitted, asked and denied. */
  readonly task: TaskId;
  /** The question that refund-bot waits with. */
  readonly question: ApprovalId;
  /** One of several that are alike. */
  readonly alike: ApprovalId;
  /** A question that Bob answered. */
  readonly answered: ApprovalId;
  readonly denied: EntryId;
  /** One that he said yes to, remembered for a few more of the same, of which one is used. */
  readonly remembered: ApprovalId;
  /** The task of that. */
  readonly rememberedFor: TaskId;
  /** A task that was handed on to one agent, and by that to two. */
  readonly chain: TaskId;
};

/**
 * What people see in pictures: refund-bot at work on the damaged order with lookup-bot under it, tag-bot with several questions
 * that are alike, and what Ada did that day to catalog, rules and credentials.
 */
export async function tellStory(house: House): Promise<Told> {
  await administer(house);
  const task = await house.openTask();
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const asks = (amount: string, reason: string) =>
    agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, {
      body: { amount, currency: 'USD' },
      headers: { 'ambit-reason': encodeURIComponent(reason) },
    });
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.equal((await asks('30.00', 'The table top is cracked.')).status, 201);
  const answered = await questionOf(asks('90.00', 'The whole order came late.'));
  const shown = await house.bob.operator.approvals.show(answered);
  await house.bob.operator.approvals.answer(shown, 'no', 'Late is not damaged.');
  assert.equal((await asks('180.00', 'Everything is broken.')).status, 403);
  assert.equal((await agent.call(token, 'POST', `/api/shop/orders/${order}/archive`)).status, 404);
  const lookup = await rawAgent(house, house.lookupBot);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), less)));
  assert.equal((await lookup.call(child, 'GET', `/api/shop/orders/${order}/shipping`)).status, 200);
  const question = await questionOf(asks('80.00', 'Two chairs are scratched, too; the customer sent photos of them.'));
  await tagOrders(house);
  const chain = await tellChain(house);
  const { id: remembered, task: rememberedFor } = await tellRemembered(house);
  const { entries } = await house.carol.operator.log.search({ task, decision: 'deny' });
  const denied = entries[0]?.header.id ?? assert.fail('nothing was denied');
  const notes = (await house.bob.operator.approvals.list()).find(({ action }) => action === 'shop:orders.note');
  const alike = notes?.id ?? assert.fail('no note was asked about');
  return { task, question, alike, answered, denied, chain, remembered, rememberedFor };
}

const returned: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create'],
  where: {
    'path.orderId': { all: [{ equals: '1043' }] },
    'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
    'body.currency': { all: [{ equals: 'USD' }] },
  },
  limits: [{ sum: { max: '300.00', currency: 'USD' } }],
  asks: [{ over: { amount: '25.00', currency: 'USD' }, reason: 'Refunds above 25.00 USD need a person.' }],
};

/** return-bot refunds item by item: Bob says yes to the first, and to three more of at most as much. */
async function tellRemembered(house: House): Promise<Approval> {
  const returnBot = await registerBot(house.alice, 'return-bot');
  const { id: task } = await house.alice.operator.tasks.open({
    agent: returnBot.id,
    purpose: { type: 'support', text: 'Take back the chairs of order 1043, one by one.' },
    ttlSeconds: 600,
    authority: [only('shop:orders.get', 'path.orderId', '1043'), returned],
  });
  const agent = await rawAgent(house, returnBot);
  const token = await agent.accept(task);
  const refund = (amount: string) =>
    agent.call(token, 'POST', '/api/shop/orders/1043/refunds', { body: { amount, currency: 'USD' } });
  const question = await house.bob.operator.approvals.show(await questionOf(refund('45.00')));
  const rememberable = rememberableOf(question);
  assert.ok('widest' in rememberable);
  const bounds = boundsWithin(rememberable.widest, { calls: 3, inAll: decimalOf('90.00') });
  await house.bob.operator.approvals.answer(question, 'yes', null, bounds);
  const done = await settled(house, { question });
  assert.equal((await refund('30.00')).status, 201);
  return done;
}

/** A task that was handed on to one agent, and by that to two: read by each of them, and denied to the last. */
export async function tellChain(house: House): Promise<TaskId> {
  const bots = await Promise.all(
    ['triage-bot', 'stock-bot', 'carrier-bot'].map((name) => registerBot(house.alice, name)),
  );
  const [triage, stock, carrier] = await Promise.all(bots.map((bot) => rawAgent(house, bot)));
  assert.ok(triage && stock && carrier && bots[0]);
  const lookup = await rawAgent(house, house.lookupBot);
  const task = await house.openTask({ agent: bots[0].id });
  const top = await triage.accept(task);
  const read = (agent: RawAgent, token: string, path: string) =>
    agent.call(token, 'GET', `/api/shop/orders/${order}${path}`);
  const reading = only('shop:orders.get', 'path.orderId', order);
  const shipping = only('shop:shipping.get', 'path.orderId', order);
  await read(triage, top, '');
  const hand = async (from: RawAgent, token: string, to: RawAgent, authority: Authority) =>
    tokenOf(await from.tokenRequest(exchangeForm(token, await to.actorToken(), authority)));
  const middle = await hand(triage, top, lookup, [reading, shipping]);
  await read(lookup, middle, '');
  const left = await hand(lookup, middle, stock, [reading]);
  const right = await hand(lookup, middle, carrier, [shipping]);
  await read(stock, left, '');
  await read(carrier, right, '/shipping');
  await read(stock, left, '/shipping');
  await read(triage, top, '');
  return task;
}

async function questionOf(response: Promise<Response>): Promise<ApprovalId> {
  const { status, headers } = await response;
  assert.equal(status, 202);
  return headers.get('ambit-approval') as ApprovalId;
}

async function tagOrders(house: House): Promise<void> {
  const tagBot = await registerBot(house.alice, 'tag-bot');
  const task = await atWork(house, tagBot, await house.openTask({ agent: tagBot.id, authority: labels }));
  for (const one of ['1042', '1043', '1044', '1045']) {
    const text = one === '1044' ? 'Damaged, and sent to another address.' : 'Damaged on the way.';
    const call = () => task.fetch(`/api/shop/orders/${one}/notes`, { ...post({ text }), ambit: { wait: 0 } });
    await assert.rejects(call, ApprovalPending);
  }
}

const post = (body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function atWork(house: House, bot: Bot, task: TaskId): Promise<Task> {
  const agent = await connect({ url: house.plane.agents, agent: bot.id, key: bot.key });
  return agent.accept(task);
}

const rates = {
  openapi: '3.1.0',
  info: { title: 'Prices', version: '1' },
  paths: {
    '/rates': { put: { operationId: 'rates', summary: 'Set the rates', responses: { 200: { description: 'ok' } } } },
    '/rebates': {
      put: { operationId: 'rebates', summary: 'Set the rebates', responses: { 200: { description: 'ok' } } },
    },
  },
};

const payrollRule = `
@id("payroll-is-for-people")
@reason("Payroll is read by people only.")
forbid (principal, action == Action::"shop:payroll.list", resource);
`;

async function administer({ ada, alice, shop, refundBot, lookupBot }: House): Promise<void> {
  const { catalog, policies, tasks, persons, channels, signInProviders } = ada.operator;
  const place = { server: shop.url, zone: 'default', environment: 'test' } as const;
  await catalog.import({ name: 'prices', text: JSON.stringify(rates), ...place });
  const [first] = await policies.list();
  assert.ok(first);
  const { text } = await policies.show(first.number);
  await policies.publish(text + payrollRule, 'An agent asked for payroll last week.', first.number);
  await tasks.defineTemplate({
    name: 'Read one order',
    purposeType: 'support',
    grants: [only('shop:orders.get', 'path.orderId', '{order}')],
    parameters: [{ name: 'order', says: 'The number of the order.', lengthMax: 20 }],
    ttlSecondsMax: 3600,
  });
  await persons.register({ name: 'Dana Ruiz', roles: ['reviewer'] });
  const provider = { name: 'Acme ID', issuer: 'https://login.acme.example', clientId: 'ambit', groupsClaim: 'groups' };
  const { id } = await signInProviders.set(provider);
  const delegable = [only('shop:orders.get', 'path.orderId', order)];
  await signInProviders.setGroup(id, { group: 'support-leads', roles: ['approver', 'reviewer'], delegable });
  await channels.add({ kind: 'webhook', name: 'desk of support', url: 'https://hooks.example/ambit', signing: 'hmac' });
  await alice.operator.agents.linkUser(refundBot.id, { api: 'shop', externalId: 'usr_4711', label: 'Refund robot' });
  await alice.operator.standingGrants.sign({
    agent: lookupBot.id,
    authority: [only('shop:shipping.get', 'path.orderId', order)],
    liveTasksMax: 5,
    taskSecondsMax: 300,
    expiresAt: Date.now() + 3_600_000,
  });
}
