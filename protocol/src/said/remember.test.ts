import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Grant } from '../authority/authority.ts';
import { decimalOf } from '../decimal.ts';
import type { Shown } from './approval-card.ts';
import { renderParts } from './parts.ts';
import { boundsWithin, sayBounds, sayBoundsInOne, timesDecimal } from './remember.ts';
import { rememberableOf, type Widest } from './rememberable.ts';

const until = Date.parse('2027-01-01T12:00:00Z');
const grant: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create'],
  where: { 'path.orderId': { all: [{ equals: '1042' }] }, 'body.amount': { all: [{ range: { max: '80.00' } }] } },
  limits: [{ calls: 20 }, { sum: { max: '1600.00', currency: 'USD' } }],
};
const widest: Widest = { grant, until, amount: { argument: 'body.amount', each: '80.00', currency: 'USD' } };
const said = (bounds: Parameters<typeof sayBounds>[0], amount = widest.amount) =>
  sayBounds(bounds, amount).map(renderParts);

test('unless said otherwise each may be as much as was asked, and all of them as much as that comes to', () => {
  const bounds = boundsWithin(widest, { calls: 3 });
  assert.deepEqual(bounds.grant.limits, [{ calls: 3 }, { sum: { max: '240.00', currency: 'USD' } }]);
  assert.deepEqual([bounds.until, bounds.grant.where], [until, grant.where]);
  assert.deepEqual(said(bounds), [
    'The same action with the same values, up to 80.00 USD each',
    'At most 3 more calls',
    'At most 240.00 USD in all',
  ]);
});

test('a person narrows each bound by itself, and the words say what is signed', () => {
  const narrowed = { calls: 1, each: decimalOf('40.00'), inAll: decimalOf('25.00'), until: until - 1000 };
  const bounds = boundsWithin(widest, narrowed);
  assert.equal(bounds.until, until - 1000);
  assert.deepEqual(bounds.grant.where?.['body.amount'], { all: [{ range: { max: '40.00' } }] });
  assert.deepEqual(bounds.grant.where?.['path.orderId'], grant.where?.['path.orderId']);
  assert.deepEqual(said(bounds), [
    'The same action with the same values, up to 40.00 USD each',
    'One more call',
    'At most 25.00 USD in all',
  ]);
});

test('the bounds are one sentence, too', () => {
  const one = (bounds: Parameters<typeof sayBoundsInOne>[0], amount = widest.amount) =>
    renderParts(sayBoundsInOne(bounds, amount));
  assert.equal(
    one(boundsWithin(widest, { calls: 3 })),
    'The same action with the same values, up to 80.00 USD each: at most 3 more calls, at most 240.00 USD in all',
  );
  const still: Widest = { grant: { ...grant, limits: [{ calls: 20 }] }, until, amount: null };
  assert.equal(
    one(boundsWithin(still, { calls: 1 }), null),
    'The same action, with the very same values: one more call',
  );
});

test('nothing is ever widened: more calls, more money, more time, or money where none moves', () => {
  const wide = (by: Partial<Parameters<typeof boundsWithin>[1]>, of = widest) =>
    assert.throws(() => boundsWithin(of, { calls: 2, ...by }), RangeError, JSON.stringify(by));
  for (const calls of [0, -1, 1.5, 21, Number.NaN]) wide({ calls });
  wide({ each: decimalOf('80.01') });
  wide({ inAll: decimalOf('160.01') });
  wide({ each: decimalOf('40.00'), inAll: decimalOf('80.01') });
  wide({ until: until + 1 });
  wide({ until: until - 0.5 });
  const still: Widest = { grant: { ...grant, limits: [{ calls: 20 }] }, until, amount: null };
  wide({ each: decimalOf('1.00') }, still);
  wide({ inAll: decimalOf('1.00') }, still);
  const inParts: Widest = { ...widest, amount: { argument: null, each: '80.00', currency: 'USD' } };
  wide({ each: decimalOf('1.00') }, inParts);
  assert.deepEqual(boundsWithin(still, { calls: 2 }).grant.limits, [{ calls: 2 }]);
  assert.equal(said(boundsWithin(still, { calls: 2 }), null)[0], 'The same action, with the very same values');
  assert.equal(
    said(boundsWithin(inParts, { calls: 2 }), inParts.amount)[0],
    said(boundsWithin(widest, { calls: 2 }))[0],
  );
});

test('only the one who answers alone has it remembered, and only a question that says so', () => {
  const shown = { remember: { widest } } as unknown as Shown;
  assert.deepEqual(rememberableOf({ shown, answersNeeded: 1 }), { widest });
  assert.deepEqual(rememberableOf({ shown, answersNeeded: 2 }), { never: 'several-persons' });
  assert.deepEqual(rememberableOf({ shown: {} as Shown, answersNeeded: 1 }), { never: 'old' });
});

test('a few times an amount is exact', () => {
  assert.equal(timesDecimal(decimalOf('0.1'), 3), '0.3');
  assert.equal(timesDecimal(decimalOf('80.05'), 20), '1601.00');
  assert.throws(() => timesDecimal(decimalOf('999999999999999'), 2), RangeError);
});
