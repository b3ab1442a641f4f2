import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentId, type Authority, connect, parseKey, type SubAgentOffer } from '@ambit/sdk';
import { startChild } from './child.ts';
import { shippingOnly } from './grant.ts';
import { tell } from './report-line.ts';
import { tryCall } from './try-call.ts';

/** The agent of the story: a process of its own with its own key, which talks to the plane over the network alone. */
const setting = JSON.parse(process.argv[2] ?? '{}') as {
  readonly url: string;
  readonly agent: AgentId;
  readonly keyFile: string;
  readonly task: Parameters<Awaited<ReturnType<typeof connect>>['accept']>[0];
  readonly order: string;
  readonly otherOrder: string;
  readonly lookup: { readonly agent: string; readonly keyFile: string };
};
const { url, order, otherOrder, lookup } = setting;

const agent = await connect({ url, agent: setting.agent, key: parseKey(readFileSync(setting.keyFile, 'utf8')) });
const task = await agent.accept(setting.task);
tell({ kind: 'accepted', task: task.id });

const refunds = `/api/shop/orders/${order}/refunds`;
await tryCall(task, {
  what: 'reads the order',
  step: '1',
  path: `/api/shop/orders/${order}`,
  reason: 'See what was damaged.',
});
await tryCall(task, {
  what: 'refunds 30.00',
  step: '2',
  path: refunds,
  refund: '30.00',
  reason: 'The table top is cracked.',
});
await tryCall(task, {
  what: 'refunds 80.00',
  step: '3',
  path: refunds,
  refund: '80.00',
  reason: 'A leg is missing as well.',
});
await tryCall(task, {
  what: 'refunds another 30.00',
  step: '4',
  path: refunds,
  refund: '30.00',
  reason: 'A smaller part may pass unasked.',
});
await tryCall(task, {
  what: 'refunds 180.00',
  step: '5',
  path: refunds,
  refund: '180.00',
  reason: 'The customer wants more.',
});
await tryCall(task, {
  what: 'reads another customer’s order',
  step: '6',
  path: `/api/shop/orders/${otherOrder}`,
  reason: 'Compare with a similar case.',
});
await tryCall(task, {
  what: 'reads payroll',
  step: '7',
  path: '/api/shop/payroll',
  reason: 'A note in the order says to.',
});
await tryCall(task, {
  what: 'reads the order “../payroll”',
  step: '8',
  path: `/api/shop/orders/${encodeURIComponent('../payroll')}`,
  reason: 'Perhaps this way.',
});

const helper = startChild(join(import.meta.dirname, 'lookup-bot.ts'), [JSON.stringify({ url, order, ...lookup })]);
const offered = (await helper.next()) as { readonly offer: SubAgentOffer };
const delegated = await task.delegate({
  to: offered.offer,
  authority: shippingOnly(order) as Authority,
  purpose: 'Look up the shipping state of the damaged order.',
});
helper.send({ delegated });
for (
  let line = (await helper.next()) as { kind: string };
  line?.kind !== 'paused';
  line = (await helper.next()) as { kind: string }
)
  tell(line);

// What a thief would take from the memory of this process: a token without its key.
tell({ kind: 'token', token: await task.accessToken() });
await nextLine();

await tryCall(task, {
  what: 'refunds 60.00',
  step: '9',
  path: refunds,
  refund: '60.00',
  reason: 'The customer asks again.',
  wait: 0,
});
const ending = await task.complete();
tell({ kind: 'completed', ...ending });
await tryCall(task, {
  what: 'reads the order after the end',
  step: '10',
  path: `/api/shop/orders/${order}`,
  reason: 'Is it really over?',
});
helper.send({ goOn: true });
for await (const line of helper.lines) tell(line as { kind: string });

/** The play goes on when the other side has done its part. */
async function nextLine(): Promise<void> {
  for await (const _chunk of process.stdin) return;
}
process.exit(0);
