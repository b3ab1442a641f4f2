import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, JsonNumber, type JsonValue, type Rememberable } from '@ambit/protocol';
import type { Facts, Reason } from '../policy/index.ts';
import type { Call } from './call.ts';
import { rememberableOf } from './rememberable.ts';

const facts = { chain: [{ expiresAt: 1000 }], elevated: [], question: { provenance: [] } } as unknown as Facts;
const over: Reason = {
  source: 'task',
  name: 'task:tsk_1:0:0@0',
  reason: 'Large.',
  over: { spent: '0', amount: '80.00', threshold: '50.00', currency: 'USD' },
};
const action = {
  id: 'shop:refunds.create',
  reversibility: 'compensable',
  asksEachTime: false,
  opaque: false,
  mintsCredential: false,
  money: { amount: 'body.amount', currency: 'body.currency', places: 0 },
  idempotencyHeader: 'Idempotency-Key',
};
const given: Record<string, JsonValue> = {
  'path.orderId': '1042',
  'body.amount': '80.00',
  'body.currency': 'USD',
  'body.lines': new JsonNumber('3'),
  'body.gift': true,
  'body.note': null,
  'header.idempotency-key': 'k-1',
};
const call = (more: object = {}, values: Record<string, JsonValue> = given): Call =>
  ({
    action: { ...action, ...more },
    arguments: new Map(Object.entries(values)),
    money: { amount: '80.00', currency: 'USD' },
    body: null,
  }) as unknown as Call;

const of = (one: Call, asks: readonly Reason[] = [over], more: Partial<Facts> = {}): Rememberable =>
  rememberableOf(one, { ...facts, ...more }, asks);
const never = (found: Rememberable) => ('never' in found ? found.never : null);

test('a call may be remembered for its very values, up to its amount, as long as its task lasts', () => {
  const found = of(call());
  assert.ok('widest' in found);
  const { grant, until, amount } = found.widest;
  assert.equal(until, 1000);
  assert.deepEqual(amount, { argument: 'body.amount', each: '80.00', currency: 'USD' });
  assert.deepEqual(grant.limits, [{ calls: 20 }, { sum: { max: '1600.00', currency: 'USD' } }]);
  const isCovered = (values: Record<string, JsonValue>) => {
    const of = new Map(Object.entries({ ...given, ...values }));
    return covers([grant], { action: action.id, arguments: of, money: call().money }).covered;
  };
  assert.ok(isCovered({}) && isCovered({ 'body.amount': '0.01' }) && isCovered({ 'header.idempotency-key': 'k-2' }));
  for (const [name, value] of Object.entries({
    'path.orderId': '1043',
    'body.amount': '80.01',
    'body.currency': 'usd',
    'body.lines': '3',
    'body.gift': false,
    'body.note': '',
    'body.more': '',
  }))
    assert.equal(isCovered({ [name]: value }), false, name);
});

test('what the catalog, the task or the state of things wants asked each time says why', () => {
  assert.equal(never(of(call({ reversibility: 'irreversible' }))), 'irreversible');
  assert.equal(never(of(call({ asksEachTime: true }))), 'each-time');
  assert.equal(never(of(call({ opaque: true }))), 'closed');
  assert.equal(never(of(call({ mintsCredential: true }))), 'closed');
  const always: Reason = { source: 'task', name: 'task:tsk_1:0:1', reason: 'Always.' };
  assert.equal(never(of(call(), [over, always])), 'always');
  assert.equal(never(of(call(), [over, { source: 'plane', name: 'unknown:ent_1', reason: 'Look.' }])), 'unknown');
  assert.equal(never(of(call(), [{ source: 'policy', name: 'policy:large', reason: 'Large.' }])), null);
  assert.equal(never(of(call(), [over], { elevated: [{}] as unknown as Facts['elevated'] })), 'elevated');
  const question = { provenance: ['stranger'] } as unknown as Facts['question'];
  assert.equal(never(of(call(), [over], { question })), 'provenance');
});

test('values that no rule tells from others are not remembered', () => {
  for (const value of [['a'], { a: 'b' }, 'x'.repeat(2049), new JsonNumber('0.0000001')])
    assert.equal(never(of(call({}, { ...given, 'body.odd': value }))), 'values', JSON.stringify(value).slice(0, 40));
  assert.equal(never(of(call({}, {}))), 'values', 'a call without a value is like every other one');
  assert.equal(never(of({ ...call(), money: undefined })), 'values', 'money that nobody can read');
  const unread = { ...call(), body: { mediaType: 'text/plain', stream: null, bytesLength: 1 } } as unknown as Call;
  assert.equal(never(of(unread)), 'values');
});

test('an amount that twenty calls would carry beyond what an amount can say is asked about each time', () => {
  const of = (amount: string) => {
    const one = call({}, { ...given, 'body.amount': amount });
    return rememberableOf({ ...one, money: { amount, currency: 'USD' } } as unknown as Call, facts, [over]);
  };
  assert.equal(never(of('999999999999999.99')), 'values');
  assert.equal(never(of('50000000000000.00')), 'values');
  assert.equal(never(of('49999999999999.99')), null);
});

test('an amount in hundredths is bounded as it is written, and counted in its currency', () => {
  const minor = call({ money: { ...action.money, places: 2 } }, { ...given, 'body.amount': new JsonNumber('8000') });
  const found = of(minor);
  assert.ok('widest' in found);
  assert.deepEqual(found.widest.amount, { argument: null, each: '80.00', currency: 'USD' });
  assert.deepEqual(found.widest.grant.where?.['body.amount'], { all: [{ range: { max: '8000' } }] });
});
