import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type AgentId, AmbitRefusal, connect, type Delegated, parseKey } from '@ambit/sdk';
import { story } from './grant.ts';
import { tell } from './report-line.ts';
import { tryCall } from './try-call.ts';

/** The sub-agent: it has its own identity and key, and gets one small part of refund-bot's task. */
const {
  url,
  agent: id,
  keyFile,
  order,
} = JSON.parse(process.argv[2] ?? '{}') as {
  readonly url: string;
  readonly agent: AgentId;
  readonly keyFile: string;
  readonly order: string;
};
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async () =>
  JSON.parse(((await input.next()).value as string | undefined) ?? '{}') as { delegated?: Delegated };

const agent = await connect({ url, agent: id, key: parseKey(readFileSync(keyFile, 'utf8')) });
tell({ kind: 'offer', offer: await agent.offer() });
const { delegated } = await heard();
if (delegated === undefined) throw new Error('nothing was delegated');
const task = agent.take(delegated);
const shipping = `/api/shop/orders/${order}/shipping`;
await tryCall(task, {
  what: 'reads the shipping state',
  step: '1',
  path: shipping,
  reason: 'I was asked where it is.',
});
await tryCall(task, {
  what: 'refunds 10.00',
  step: '2',
  path: `/api/shop/orders/${order}/refunds`,
  refund: '10.00',
  reason: 'It would be kind.',
});
try {
  await task.delegate({
    to: await agent.offer(),
    authority: [
      {
        type: 'ambit_grant',
        actions: ['shop:orders.get'],
        where: { 'path.orderId': { all: [{ equals: story.otherOrder }] } },
      },
    ],
    purpose: 'Read more orders than I was given.',
  });
  tell({ kind: 'tried', what: 'widens its authority', traceparent: null, status: 200, says: '' });
} catch (error) {
  if (!(error instanceof AmbitRefusal)) throw error;
  tell({ kind: 'tried', what: 'widens its authority', traceparent: null, status: error.status, says: error.says });
}
tell({ kind: 'paused' });
await heard();
await tryCall(task, {
  what: 'reads the shipping state after the end',
  step: '4',
  path: shipping,
  reason: 'Is it really over?',
});
process.exit(0);
