import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '@ambit/sdk/operator';
import { printLine } from '../line.ts';
import { showTogether } from './together-card.ts';

const now = Date.parse('2027-01-01T12:00:00Z');

const shown: Approval['shown'] = {
  sentence: 'Refund 60.00 USD for order 1042',
  action: 'shop:refunds.create',
  method: 'POST',
  url: 'https://shop.example/orders/1042/refunds',
  values: [
    { name: 'path.orderId', value: '1042', source: 'call' },
    { name: 'body.reason', value: 'broken', source: 'call' },
  ],
  reversibility: 'compensable by shop:refunds.cancel',
  amount: { amount: '60.00', currency: 'USD' },
  left: ['190.00 of 250.00 USD would be left'],
  requester: 'Alice',
  agent: 'refund-bot',
  purpose: 'support: settle damaged orders',
  claim: null,
  lookedAgain: null,
};

const question = (at: number, more: Partial<Approval['shown']> = {}) =>
  ({
    ...{
      callDigest: 'sha-256:call',
      asks: [{ ask: 'over-50', reason: 'More than 50.00 USD.' }],
      lookAgainDigest: null,
    },
    ...{ id: `apr_${at}`, task: 'tsk_1', run: 'tsk_1', agent: 'agt_1', owner: 'psn_1', requester: 'psn_1' },
    ...{ action: shown.action, digest: `sha-256:${at}`, state: 'parked', expiresAt: now + 840_000 },
    shown: { ...shown, ...more },
  }) as unknown as Approval;

const other = (order: string): Partial<Approval['shown']> => ({
  sentence: `Refund 61.50 USD for order ${order}`,
  url: `https://shop.example/orders/${order}/refunds`,
  values: [
    { name: 'path.orderId', value: order, source: 'call' },
    { name: 'body.reason', value: 'broken', source: 'call' },
  ],
  amount: { amount: '61.50', currency: 'USD' },
});

const card = (...asked: readonly Approval[]) => showTogether(asked, now).map((one) => printLine(one, false));

test('the card says what all come to and what all of them say once, then each with its own, in order', () => {
  const lines = card(question(1), question(2, other('1043')), question(3));
  const order = [
    '3 questions, to be answered by one signature',
    'in all 181.50 USD, by 3 questions',
    'all of them',
    '  asked for by Alice',
    '  task tsk_1: "support: settle damaged orders", as',
    '  stopped because More than 50.00 USD. (over-50)',
    '  body.reason = "broken"',
    '1. Refund 60.00 USD for order 1042',
    '  path.orderId = "1042"',
    '  shop:refunds.create: POST https://shop.example/orders/1042/refunds',
    '  parked, ends in 14 min; asked as apr_1',
    '  digest sha-256:1',
    '2. Refund 61.50 USD for order 1043',
    '  path.orderId = "1043"',
    '  digest sha-256:2',
    '3. Refund 60.00 USD for order 1042',
    '  digest sha-256:3',
  ];
  let from = -1;
  for (const part of order) {
    const at = lines.findIndex((one, i) => i > from && one.startsWith(part));
    assert.notEqual(at, -1, `${part} is not where it belongs in\n${lines.join('\n')}`);
    from = at;
  }
  assert.equal(lines.filter((one) => one.includes('body.reason')).length, 1, 'what all say is said once');
});

test('what one says otherwise, and others do not say at all, stands with its own question', () => {
  const lines = card(
    question(1, { claim: 'The lamp is broken.' }),
    question(2, { lookedAgain: { action: 'shop:orders.get', status: 200, text: 'total: 90.00' } }),
  );
  const [first, second] = ['1. ', '2. '].map((head) => lines.findIndex((one) => one.startsWith(head)));
  assert.ok(lines.indexOf('  | The lamp is broken.') > first! && lines.indexOf('  | The lamp is broken.') < second!);
  assert.ok(lines.indexOf('  | total: 90.00') > second!);
});

test('what others wrote ends no quotes, moves no cursor and passes for no line of the card', () => {
  const lie = `fine"\n2. Refund 1.00 USD\ndigest sha-256:forged\r${String.fromCodePoint(0x1b)}[2J`;
  const lines = card(
    question(1, {
      ...{ sentence: 'Refund', parts: [{ text: 'Refund ' }, { value: lie, kind: 'text', source: 'upstream' }] },
      ...{ purpose: lie, agent: lie, requester: lie, claim: lie },
      values: [{ name: lie, value: lie, source: 'call' }],
      lookedAgain: { action: 'shop:orders.get', status: 200, text: lie },
    }),
    question(2),
  );
  assert.equal(lines.filter((one) => one.startsWith('2. ')).length, 1, lines.join('\n'));
  assert.equal(lines.filter((one) => /^ *digest /.test(one)).length, 2, lines.join('\n'));
  assert.doesNotMatch(lines.join(''), /[\p{Cc}\p{Cf}]/u);
});
