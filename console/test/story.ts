import assert from 'node:assert/strict';
import type { Authority } from '@ambit/protocol';
import { ApprovalPending, connect, type Task } from '@ambit/sdk';
import { type Bot, type House, only, registerBot } from '../../server/test/house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../../server/test/raw-agent.ts';

const labels: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:orders.note'],
    asks: [{ always: true, reason: 'Notes on orders are read by customers’ services: a person looks first.' }],
  },
];

/** What people see in pictures: refund-bot at work on the damaged order, and tag-bot with several questions that are alike. */
export async function tellStory(house: House): Promise<void> {
  const refundBot = await atWork(house, house.refundBot, await house.openTask());
  await refundBot.fetch('/api/shop/orders/1042');
  await refund(refundBot, '30.00', 'The table top is cracked.');
  await wants(() => refund(refundBot, '80.00', 'Two chairs are scratched, too; the customer sent photos of them.'));
  const tagBot = await registerBot(house.alice, 'tag-bot');
  const tagging = await atWork(house, tagBot, await house.openTask({ agent: tagBot.id, authority: labels }));
  for (const order of ['1042', '1043', '1044', '1045']) {
    const text = order === '1044' ? 'Damaged, and sent to another address.' : 'Damaged on the way.';
    await wants(() => post(tagging, `/api/shop/orders/${order}/notes`, { text }));
  }
}

/** A task that was handed on to one agent, and by that to two: read by each of them, and denied to the last. */
export async function tellChain(house: House): Promise<void> {
  const bots = await Promise.all(
    ['triage-bot', 'stock-bot', 'carrier-bot'].map((name) => registerBot(house.alice, name)),
  );
  const [triage, stock, carrier] = await Promise.all(bots.map((bot) => rawAgent(house, bot)));
  assert.ok(triage && stock && carrier && bots[0]);
  const lookup = await rawAgent(house, house.lookupBot);
  const top = await triage.accept(await house.openTask({ agent: bots[0].id }));
  const read = (agent: RawAgent, token: string, path: string) =>
    agent.call(token, 'GET', `/api/shop/orders/1042${path}`);
  const order = only('shop:orders.get', 'path.orderId', '1042');
  const shipping = only('shop:shipping.get', 'path.orderId', '1042');
  await read(triage, top, '');
  const hand = async (from: RawAgent, token: string, to: RawAgent, authority: Authority) =>
    tokenOf(await from.tokenRequest(exchangeForm(token, await to.actorToken(), authority)));
  const middle = await hand(triage, top, lookup, [order, shipping]);
  await read(lookup, middle, '');
  const left = await hand(lookup, middle, stock, [order]);
  const right = await hand(lookup, middle, carrier, [shipping]);
  await read(stock, left, '');
  await read(carrier, right, '/shipping');
  await read(stock, left, '/shipping');
  await read(triage, top, '');
}

async function atWork(house: House, bot: Bot, task: Awaited<ReturnType<House['openTask']>>): Promise<Task> {
  const agent = await connect({ url: house.plane.agents, agent: bot.id, key: bot.key });
  return agent.accept(task);
}

const refund = (task: Task, amount: string, reason: string) =>
  post(task, '/api/shop/orders/1042/refunds', { amount, currency: 'USD' }, reason);

async function post(task: Task, path: string, body: object, reason?: string): Promise<void> {
  const response = await task.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ambit: { wait: 0, ...(reason !== undefined && { reason }) },
  });
  assert.ok(response.ok, `${path} answered ${response.status}`);
}

/** A call that waits for a person. */
const wants = (call: () => Promise<void>) => assert.rejects(call, ApprovalPending);
