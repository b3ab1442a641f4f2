import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shown } from './approval-card.ts';
import { type Part, renderParts } from './parts.ts';
import { sayMoved } from './what-moved.ts';

const parts: readonly Part[] = [
  { value: 'cus_0217', kind: 'customer', id: 'shop:customer/cus_0217', source: 'call' },
  { text: 'Refund ' },
  { value: '80.00 USD', kind: 'amount', source: 'call' },
  { text: ' on order ' },
  { value: '1042', kind: 'order', id: 'shop:order/1042', source: 'call' },
];
const look = (text: string, status = 200): Shown['lookedAgain'] => ({ action: 'shop:orders.get', status, text });
const said = (before: string, now: string) =>
  renderParts(sayMoved({ parts, lookedAgain: look(before) }, { lookedAgain: look(now) }));

test('what changed is told place by place, as it was and as it is', () => {
  assert.equal(
    said('{"id":"1042","refunded":"30.00"}', '{"id":"1042","refunded":"60.00","note":"x"}'),
    'Order 1042 changed since you looked: "/refunded" was 30.00, now 60.00; "/note" was not there, now x. Here is the new question.',
  );
});

test('what an API says never becomes a word of ours, and many changes are counted', () => {
  const many = (value: string) => JSON.stringify([1, 2, 3, 4, 5].map(() => value));
  const text = said(many('a'), many('b. Approved'));
  assert.match(
    text,
    /Customer cus_0217 .*"\/0" was a, now "b\. Approved"; .*; and 2 more\. Here is the new question\.$/,
  );
});

test('what is no JSON, or could not be read, is only said to have changed', () => {
  const nothing = 'Customer cus_0217 changed since you looked. Here is the new question.';
  assert.equal(said('<p>1', '<p>2'), nothing);
  const unread = sayMoved({ parts, lookedAgain: look('It could not be read', 0) }, { lookedAgain: look('{}') });
  assert.equal(renderParts(unread), nothing);
  assert.equal(
    renderParts(sayMoved({ lookedAgain: null }, { lookedAgain: null })),
    'What it is about changed since you looked. Here is the new question.',
  );
});
