import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Grant, JsonNumber, parseJson } from '@ambit/protocol';
import { Refusal } from '../foundation/index.ts';
import { authorityShape, describeGrant, limitShape, parseAuthority } from './index.ts';

const refund: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create'],
  where: {
    'path.orderId': { all: [{ equals: '1042' }] },
    'body.amount': { all: [{ range: { max: '100.00' } }] },
    'body.note': { all: [{ maxLength: 200 }], optional: true },
  },
  limits: [{ sum: { max: '250.00', currency: 'USD' } }, { calls: 1, seconds: 86_400 }, { cost: '40', seconds: 5400 }],
  asks: [{ over: { amount: '50.00', currency: 'USD' }, per: 'path.orderId', reason: 'Large refund' }],
};

test('what was written is what is read, from plain JSON and from strictly parsed JSON', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(parseAuthority([refund]))), [refund]);
  const strict = parseAuthority(
    parseJson(JSON.stringify([refund, { ...refund, where: { 'query.n': { all: [{ equals: 30 }] } } }])),
  );
  assert.deepEqual(strict[1]?.where?.['query.n'], { all: [{ equals: 30 }] });
});

test('a later change to what was handed in does not reach what was read', () => {
  const given = structuredClone([{ ...refund, actions: ['shop:orders.get'] }]);
  const read = parseAuthority(given);
  given[0]!.actions.push('shop:payroll.read');
  assert.deepEqual(read[0]?.actions, ['shop:orders.get']);
});

test('no grants at all is authority over nothing', () => {
  assert.deepEqual(parseAuthority([]), []);
});

const rule = { all: [{ any: true }] };
const refused: readonly (readonly [what: string, value: unknown, says: RegExp])[] = [
  ['something else than a list', { grants: [] }, /authority must be a list/],
  ['nothing', undefined, /must be a list/],
  ['too many grants', Array(65).fill(refund), /0 to 64/],
  ['another type', [{ ...refund, type: 'payment' }], /authority\[0\]\.type must be "ambit_grant"/],
  ['no actions', [{ ...refund, actions: [] }], /1 to 1000/],
  ['an action twice', [{ ...refund, actions: ['shop:a', 'shop:a'] }], /each action once/],
  ['a wildcard', [{ ...refund, actions: ['shop:*'] }], /no wildcards/],
  ['blanks before an action', [{ ...refund, actions: [' shop:a'] }], /action id such as/],
  ['blanks behind an action', [{ ...refund, actions: ['shop:a '] }], /action id such as/],
  ['an action without its API', [{ ...refund, actions: ['refunds.create'] }], /action id such as/],
  ['an unknown member', [{ ...refund, role: 'admin' }], /role is not known here/],
  [
    'an unknown constraint',
    [{ ...refund, where: { 'body.x': { all: [{ regex: '.*' }] } } }],
    /unknown constraint "regex"/,
  ],
  ['an empty where', [{ ...refund, where: {} }], /must name an argument/],
  ['a rule without constraints', [{ ...refund, where: { 'body.x': { all: [] } } }], /1 to 16/],
  ['a rule with too many', [{ ...refund, where: { 'body.x': { all: Array(17).fill({ any: true }) } } }], /1 to 16/],
  ['an argument from nowhere', [{ ...refund, where: { amount: rule } }], /argument name such as/],
  ['an argument from nearly somewhere', [{ ...refund, where: { 'xbody.amount': rule } }], /argument name such as/],
  ['a header in capitals', [{ ...refund, where: { 'header.X-Reason': rule } }], /small letters/],
  [
    'a prototype as argument',
    [JSON.parse('{"type":"ambit_grant","actions":["a:b"],"where":{"__proto__":{"all":[{"any":true}]}}}')],
    /argument name such as/,
  ],
  ['a hidden character in a name', [{ ...refund, where: { 'body.a\u202eb': rule } }], /argument name such as/],
  [
    'too many arguments',
    [{ ...refund, where: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`body.a${i}`, rule])) }],
    /at most 64/,
  ],
  ['a limit on nothing', [{ ...refund, limits: [{ seconds: 60 }] }], /exactly one of calls, sum or cost/],
  ['a limit on two things', [{ ...refund, limits: [{ calls: 1, cost: '1' }] }], /exactly one of calls, sum or cost/],
  ['a negative sum', [{ ...refund, limits: [{ sum: { max: '-1', currency: 'USD' } }] }], /decimal in a string/],
  ['a sum as number', [{ ...refund, limits: [{ sum: { max: 250, currency: 'USD' } }] }], /decimal in a string/],
  [
    'a currency in small letters',
    [{ ...refund, limits: [{ sum: { max: '1', currency: 'usd' } }] }],
    /three capital letters/,
  ],
  ['two currencies', [{ ...refund, limits: [{ sum: { max: '1', currency: 'EUR' } }] }], /two currencies/],
  ['a window of nothing', [{ ...refund, limits: [{ calls: 1, seconds: 0 }] }], /whole number from 1/],
  ['a window without end', [{ ...refund, limits: [{ calls: 1, seconds: 1e9 }] }], /whole number from 1/],
  ['half a call', [{ ...refund, limits: [{ calls: 1.5 }] }], /whole number/],
  ['no limits in a list of them', [{ ...refund, limits: [] }], /limits must have 1 to 16/],
  ['too many limits', [{ ...refund, limits: Array(17).fill({ calls: 1 }) }], /limits must have 1 to 16/],
  ['no asks in a list of them', [{ ...refund, asks: [] }], /asks must have 1 to 16/],
  ['too many asks', [{ ...refund, asks: Array(17).fill({ always: true, reason: 'x' }) }], /asks must have 1 to 16/],
  ['an ask about nothing', [{ ...refund, asks: [{ reason: 'x' }] }], /exactly one of always or over/],
  ['a reason that is too long', [{ ...refund, asks: [{ always: true, reason: 'x'.repeat(501) }] }], /1 to 500/],
  ...[null, 'calls', 5, [], new JsonNumber('5')].map(
    (odd) =>
      [
        `${JSON.stringify(odd)} as a limit`,
        [{ ...refund, limits: [odd] }],
        /exactly one of calls, sum or cost/,
      ] as const,
  ),
  ['an ask without reason', [{ ...refund, asks: [{ always: true }] }], /reason is missing/],
  ['an ask that never asks', [{ ...refund, asks: [{ always: false, reason: 'x' }] }], /must be true/],
];

for (const [what, value, says] of refused) {
  test(`${what} is refused, with the place and the reason`, () => {
    assert.throws(
      () => parseAuthority(value),
      (error) => error instanceof Refusal && error.code === 'authority.malformed' && says.test(error.says),
    );
  });
}

test('lists that are too long together are refused', () => {
  const listed = (count: number) =>
    Array.from({ length: 5 }, () => ({ notOneOf: Array.from({ length: count }, (_, i) => `v${i}`) }));
  const authority = (count: number) => [{ ...refund, where: { 'body.note': { all: listed(count) } } }];
  assert.throws(
    () => parseAuthority(authority(801)),
    (error) => error instanceof Refusal && error.code === 'authority.too_large' && /at most 4000/.test(error.says),
  );
  assert.equal(parseAuthority(authority(800)).length, 1);
});

test('authority that is part of another document is bounded in the same way', () => {
  const listed = (count: number) => [
    { ...refund, where: { 'body.note': { all: Array(4).fill({ notOneOf: Array(1000).fill('x') }) } } },
    { ...refund, where: { 'body.note': { all: [{ oneOf: Array(count).fill('x') }] } } },
  ];
  assert.equal(authorityShape.read(listed(0), 'authority').length, 2);
  assert.throws(() => authorityShape.read(listed(1), 'authority'), /authority may list at most 4000 values in all/);
  assert.equal(authorityShape.read(Array(64).fill(refund), 'authority').length, 64);
  assert.throws(() => authorityShape.read(Array(65).fill(refund), 'authority'), /0 to 64/);
});

test('every place that an argument can come from has its name', () => {
  const where = Object.fromEntries(
    ['path.id', 'query.limit', 'header.x-reason', 'body', 'body.items[].amount'].map((name) => [name, rule]),
  );
  assert.deepEqual(Object.keys(parseAuthority([{ ...refund, where }])[0]!.where!), Object.keys(where));
});

test('a fault while reading is no refusal', () => {
  const fault = new Error('the reader broke');
  const broken = {
    get type() {
      throw fault;
    },
  };
  assert.throws(
    () => parseAuthority([broken]),
    (error) => error === fault,
  );
});

test('the schema of a limit names its three kinds', () => {
  const { anyOf } = limitShape.schema() as { anyOf: { properties: object }[] };
  assert.deepEqual(
    anyOf.map(({ properties }) => Object.keys(properties)[0]),
    ['calls', 'sum', 'cost'],
  );
});

test('several of everything read as one text, too', () => {
  assert.equal(
    describeGrant({
      type: 'ambit_grant',
      actions: ['shop:a', 'shop:b'],
      where: { 'path.id': { all: [{ prefix: 'x' }, { maxLength: 5 }] } },
      limits: [
        { calls: 2, seconds: 61 },
        { calls: 3, seconds: 7200 },
      ],
      asks: [
        { always: true, reason: 'new' },
        { over: { amount: '5', currency: 'USD' }, reason: 'much' },
      ],
    }),
    'May call shop:a, shop:b. path.id has to begin with "x", without dot segments and be no longer than 5; no other ' +
      'arguments. At most 2 calls in any 61 seconds. At most 3 calls in any 2 hours. A person is asked each time ("new"). ' +
      'A person is asked where amounts add up to more than 5 USD ("much").',
  );
});

test('a grant reads as one plain text', () => {
  assert.equal(
    describeGrant(refund),
    'May call shop:refunds.create. path.orderId has to be "1042"; body.amount has to be at most 100.00; ' +
      'body.note, where given, has to be no longer than 200; no other arguments. At most 250.00 USD in all. ' +
      'At most 1 call in any day. At most 40 cost units in any 90 minutes. A person is asked where amounts add up to ' +
      'more than 50.00 USD for one path.orderId ("Large refund").',
  );
  assert.equal(
    describeGrant({ type: 'ambit_grant', actions: ['shop:orders.list'] }),
    'May call shop:orders.list with any arguments.',
  );
});
