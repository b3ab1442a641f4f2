import assert from 'node:assert/strict';
import type { Authority } from '@ambit/protocol';
import { ApprovalPending, connect, type Task } from '@ambit/sdk';
import { type Bot, type House, registerBot } from '../../server/test/house.ts';

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
