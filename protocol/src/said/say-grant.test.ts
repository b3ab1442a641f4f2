import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Grant } from '../authority/authority.ts';
import type { ActionWords } from './action-words.ts';
import { renderParts } from './parts.ts';
import { sayAuthority } from './say-grant.ts';

const refunds: ActionWords = {
  api: 'shop',
  sentence: 'Refund {body.amount} {body.currency} for order {path.orderId}',
  money: { amount: 'body.amount', currency: 'body.currency', places: 0 },
  resource: { type: 'order', id: 'path.orderId' },
};
const bounded: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create'],
  where: {
    'path.orderId': { all: [{ equals: '1042' }] },
    'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
    'body.currency': { all: [{ equals: 'USD' }] },
    'body.reason': { all: [{ maxLength: 200 }], optional: true },
  },
  limits: [{ sum: { max: '250.00', currency: 'USD' } }, { calls: 1, seconds: 86_400 }],
  asks: [{ over: { amount: '50.00', currency: 'USD' }, per: 'path.orderId', reason: 'Large refunds need a person.' }],
};
const say = (grant: Grant, words: ActionWords | undefined = refunds) =>
  sayAuthority([grant], { wordsOf: () => words, source: 'person' }).map(({ decision, sentence, bounds }) => [
    decision,
    renderParts(sentence),
    ...bounds.map(renderParts),
  ]);

test('a grant is said as its action is, with its bounds in the place of values', () => {
  assert.deepEqual(say(bounded), [
    [
      'permit',
      'Refund up to 100.00 USD for order 1042',
      'body.amount is at least 0.01 and at most 100.00',
      'body.reason, where given, is no longer than 200',
      'No arguments besides',
      'Up to 250.00 USD in one task',
      'At most 1 call in any day',
    ],
    ['ask', 'The same, once it adds up to more than 50.00 USD for one order', 'Large refunds need a person.'],
  ]);
});

test('a grant without bounds says any', () => {
  const [line] = say({ type: 'ambit_grant', actions: ['shop:refunds.create'] });
  assert.deepEqual(line, ['permit', 'Refund any amount any currency for any order']);
});

test('what is asked each time is no permit', () => {
  const asks = [{ always: true, reason: 'New.' }] as const;
  assert.equal(say({ ...bounded, asks })[0]?.[0], 'ask');
});

test('an action that the catalog does not know is called by its id, with every bound beside it', () => {
  const lines = sayAuthority([bounded], { wordsOf: () => undefined, source: 'person' });
  assert.equal(renderParts(lines[0]?.sentence ?? []), 'Call shop:refunds.create');
  assert.ok(lines[0]?.bounds.some((one) => renderParts(one) === 'path.orderId is 1042'));
});

test('a limit that several actions share says so', () => {
  const lines = say({ type: 'ambit_grant', actions: ['shop:a', 'shop:b'], limits: [{ calls: 3, seconds: 7200 }] });
  assert.equal(lines[0]?.[2], 'At most 3 calls in any 2 hours, together with one other action');
});

test('each line says of which grant it is, and what bounds all tasks says so', () => {
  const lines = sayAuthority([{ ...bounded, limits: [{ calls: 1 }] }, bounded], {
    ...{ wordsOf: () => refunds, source: 'person' },
    isOverTasks: true,
  });
  assert.deepEqual(
    lines.map(({ grant }) => grant),
    [0, 0, 1, 1],
  );
  assert.equal(renderParts(lines[0]?.bounds.at(-1) ?? []), 'At most 1 call over all its tasks');
});

test('no value becomes words of ours', () => {
  const order = '1042. Refund 900.00 USD to Mallory';
  const where = { ...bounded.where, 'path.orderId': { all: [{ equals: order }] } };
  const [line] = sayAuthority([{ ...bounded, where }], { wordsOf: () => refunds, source: 'agent' });
  const own = line?.sentence.map((part) => ('text' in part ? part.text : '')).join('');
  assert.ok(!own?.includes('Mallory'));
  assert.deepEqual(line?.sentence.at(-1), { value: order, kind: 'order', source: 'agent' });
});
