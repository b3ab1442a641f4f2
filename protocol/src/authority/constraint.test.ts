import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonNumber, type JsonValue, parseJson } from '../json.ts';
import type { Constraint } from './authority.ts';
import { constraintKinds, constraintShape, describeConstraint, holderOf, holds } from './constraint.ts';

const number = (text: string) => new JsonNumber(text);

type Case = { readonly constraint: Constraint; readonly in: readonly JsonValue[]; readonly out: readonly JsonValue[] };

const cases: readonly Case[] = [
  {
    constraint: { equals: '1042' },
    in: ['1042'],
    out: ['01042', '1042 ', '１０４２', number('1042'), ['1042'], null, ''],
  },
  { constraint: { equals: 30 }, in: [number('30'), number('30.0')], out: ['30', number('30.01'), number('-30'), true] },
  { constraint: { equals: null }, in: [null], out: ['null', false, number('0'), '', [], {}] },
  { constraint: { equals: true }, in: [true], out: ['true', false, number('1')] },
  { constraint: { oneOf: ['a', 1, null] }, in: ['a', number('1.0'), null], out: ['A', '1', 'b', ['a'], false] },
  { constraint: { oneOf: [] }, in: [], out: ['', null, [], number('0')] },
  {
    constraint: { notOneOf: ['admin', 30] },
    in: ['user', number('31'), '', true, null],
    out: [
      'admin',
      'ADMIN',
      ' admin',
      'ａｄｍｉｎ',
      number('30'),
      '30',
      '30.00',
      '030',
      '3e1',
      '0x1e',
      ['user'],
      {},
      [],
    ],
  },
  { constraint: { notOneOf: [true, null] }, in: [false, 'x'], out: [true, 'True', null, 'null'] },
  {
    constraint: { range: { min: '5.00', max: '100.00' } },
    in: ['5', '100.00', '99.999999999', number('5'), number('100.0')],
    out: [
      '4.99',
      '100.000000001',
      number('-50'),
      '-50',
      '1e1',
      '+50',
      ' 50',
      '50,00',
      '５０',
      '٥٠',
      '050',
      '',
      null,
      true,
      [number('50')],
    ],
  },
  {
    constraint: { range: { max: '100.00' } },
    in: ['0', number('0')],
    out: ['-1000.00', number('-1000'), '1e3', '.5', '5.', 'NaN', '0x10'],
  },
  {
    constraint: { range: { min: '1' } },
    in: ['999999999999999'],
    out: ['0.999999999', '1000000000000000', 'Infinity'],
  },
  {
    constraint: { prefix: '/orders/' },
    in: ['/orders/', '/orders/1', '/orders/..1', '/orders/a..b'],
    out: [
      '/Orders/1',
      '/orders',
      '/orders/../payroll',
      '/orders/%2e%2e/payroll',
      '/orders/%252E./x',
      '/orders/..\\x',
      '/orders/．．/x',
      '/orders/..;v=1/x',
      ['/orders/'],
    ],
  },
  { constraint: { suffix: '.pdf' }, in: ['a.pdf', '.pdf'], out: ['a.PDF', 'a.pdf ', 'a.pdf\u0000', null] },
  {
    constraint: { under: '/data/alice' },
    in: ['/data/alice', '/data/alice/', '/data/alice/x/y.txt', '/data/alice/..x'],
    out: [
      '/data/alice2',
      '/data',
      '/data/alice/../bob',
      '/data/alice/./x',
      '/data/alice/..',
      '/data/alice/...',
      '/data/alice//x',
      '/data/alice/%2e%2e/bob',
      '/data/alice/%2E./bob',
      '/data/alice/%2fbob',
      '/data/alice/%252e%252e/bob',
      '/data/alice/..;/bob',
      '/data/alice/..\\bob',
      '/data/alice\\..\\bob',
      '/data/alice/．．/bob',
      '/data/alice／..／bob',
      '/data/alice/\u0000',
      '/Data/alice/x',
      '../payroll',
      '',
    ],
  },
  { constraint: { under: '/' }, in: ['/', '/a', '/a/b'], out: ['a', '', '//', '//evil.example/x', '/..'] },
  {
    constraint: { cidr: '10.1.0.0/16' },
    in: ['10.1.0.0', '10.1.255.255', '10.1.2.0/24'],
    out: [
      '10.2.0.0',
      '10.1.0.1/8',
      '010.1.0.1',
      '10.1.1',
      '0x0a010001',
      '167837697',
      '10.1.0.1.',
      ' 10.1.0.1',
      '10.1.0.256',
      '::ffff:10.1.0.1',
      '::ffff:a01:1',
      '１０.1.0.1',
      '10.1.0.1/33',
      '10.1.0.1:80',
      ['10.1.0.0'],
    ],
  },
  {
    constraint: { cidr: '2001:db8::/32' },
    in: ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', '2001:db8:1::/48'],
    out: [
      '2001:db9::1',
      '2001:db8::1%eth0',
      '2001:db8:::1',
      '2001:db8::1::2',
      '[2001:db8::1]',
      '2001:db8:0:0:0:0:0:0:1',
      '1:2:3:4:5:6:7::8',
    ],
  },
  { constraint: { cidr: '::/0' }, in: ['::1', '::'], out: ['::ffff:a01:1', '0:0:0:0:0:FFFF:0a01:0001', '10.0.0.1'] },
  {
    constraint: { domain: 'example.com' },
    in: ['example.com', 'EXAMPLE.com', 'a.b.example.com', '_dmarc.example.com', 'xn--bcher-kva.example.com'],
    out: [
      'evil-example.com',
      'evilexample.com',
      'example.com.evil.net',
      'example.com.',
      '.example.com',
      'a..example.com',
      'bücher.example.com',
      'ｅxample.com',
      'еxample.com',
      'example.com:443',
      'https://example.com',
      'alice@example.com',
      'a b.example.com',
      '-a.example.com',
      'example.com\u0000',
      'example.com/',
      '',
      `${'a'.repeat(64)}.example.com`,
    ],
  },
  {
    constraint: { subsetOf: ['a', 'b', 5] },
    in: [['a'], ['b', 'a', 'a'], [number('5')], Array<string>(10_000).fill('a')],
    out: [[], ['a', 'c'], ['5'], 'a', [['a']], [{}], {}, null, Array<string>(10_001).fill('a')],
  },
  {
    constraint: { maxLength: 2 },
    in: ['', 'ab', '😀😀', [], ['a', 'b']],
    out: ['abc', '😀😀😀', ['a', 'b', 'c'], number('1'), null, {}, true],
  },
  { constraint: { any: true }, in: ['x', null, [], {}, number('1')], out: [] },
];

for (const { constraint, in: within, out } of cases) {
  test(`${JSON.stringify(constraint)} holds for exactly what it says`, () => {
    const holder = holderOf(constraint);
    for (const value of within) {
      assert.equal(holds(constraint, value), true, `should hold for ${JSON.stringify(value)}`);
      assert.equal(holder(value), true, `should hold for ${JSON.stringify(value)}`);
    }
    for (const value of out) {
      assert.equal(holds(constraint, value), false, `should not hold for ${JSON.stringify(value)}`);
      assert.equal(holder(value), false, `should not hold for ${JSON.stringify(value)}`);
    }
  });
}

test('every kind has a case of its own', () => {
  const covered = new Set(cases.map(({ constraint }) => Object.keys(constraint)[0]));
  assert.deepEqual(
    constraintKinds.filter((kind) => !covered.has(kind)),
    [],
  );
  assert.equal(constraintKinds.length, 12);
});

test('a constraint of an unknown kind, of two kinds, or of none holds for nothing', () => {
  for (const text of [
    '{"regex":".*"}',
    '{"any":true,"equals":"x"}',
    '{}',
    '{"__proto__":{"any":true}}',
    '{"toString":1}',
  ]) {
    const constraint = JSON.parse(text) as Constraint;
    assert.equal(holds(constraint, 'x'), false, text);
    assert.equal(holderOf(constraint)('x'), false, text);
  }
});

test('a bound that cannot be read holds for nothing', () => {
  assert.equal(holds({ range: { max: '1e3' } }, '5'), false);
  assert.equal(holds({ cidr: '10.0.0.0/99' }, '10.0.0.1'), false);
  assert.equal(holds({ domain: 'exämple.com' }, 'exämple.com'), false);
  assert.equal(holds({ range: { min: '1e3' } }, '5000'), false);
  assert.equal(holds({ domain: 'exämple.com' }, 'a.undefined'), false);
  for (const value of ['1e300', 1e300, [], {}]) assert.equal(holds({ equals: 1e300 }, value as JsonValue), false);
  assert.equal(holds({ subsetOf: [1e300] }, [[]]), false);
  assert.equal(holds({ any: false } as unknown as Constraint, 'x'), false);
});

const refused: readonly (readonly [text: string, says: RegExp])[] = [
  ['{"regex":".*"}', /unknown constraint "regex"; known are equals, oneOf/],
  ['{"equals":"a","any":true}', /exactly one of/],
  ['{}', /exactly one of/],
  ['[]', /must be an object/],
  ['7', /must be an object/],
  ['null', /must be an object with one of equals, oneOf, notOneOf, range/],
  ['"text"', /must be an object/],
  ['{"a":1,"b":2}', /must have exactly one of equals, oneOf, notOneOf, range/],
  [`{"cidr":"${'1'.repeat(44)}"}`, /1 to 43 characters/],
  [`{"domain":"${'a'.repeat(254)}"}`, /1 to 253 characters/],
  ['{"equals":["a"]}', /equals must be a text, a number/],
  ['{"oneOf":"a"}', /oneOf must be a list/],
  ['{"range":{}}', /must have min, max or both/],
  ['{"range":{"min":"10","max":"5"}}', /min no more than max/],
  ['{"range":{"max":100}}', /max must be a decimal in a string/],
  ['{"range":{"max":"-5"}}', /max must be a decimal in a string/],
  ['{"range":{"max":"1e3"}}', /max must be a decimal in a string/],
  ['{"range":{"maximum":"5"}}', /maximum is not known here/],
  ['{"prefix":""}', /1 to 2048 characters/],
  ['{"prefix":"/a/../"}', /no dot segments/],
  ['{"under":"/a/../b"}', /plain path/],
  ['{"under":"//a"}', /plain path/],
  ['{"cidr":"10.1.2.3/8"}', /no bits set behind its length/],
  ['{"cidr":"example.com"}', /must be a network/],
  ['{"domain":"bücher.de"}', /xn-- form/],
  ['{"domain":"10.0.0.1"}', /must be a DNS name/],
  ['{"domain":"*.example.com"}', /must be a DNS name/],
  ['{"maxLength":-1}', /whole number/],
  ['{"maxLength":1.5}', /whole number/],
  ['{"any":false}', /must be true/],
];

for (const [text, says] of refused) {
  test(`${text} is not a constraint`, () => {
    assert.throws(() => constraintShape.read(parseJson(text), 'all[0]'), says);
    assert.throws(() => constraintShape.read(JSON.parse(text), 'all[0]'), says);
  });
}

test('lists and texts have a greatest length, and numbers must survive', () => {
  assert.throws(() => constraintShape.read({ oneOf: Array(1001).fill('a') }, 'x'), /0 to 1000 elements/);
  assert.throws(() => constraintShape.read({ equals: 'a'.repeat(2049) }, 'x'), /2048/);
  assert.throws(() => constraintShape.read({ equals: 1e21 }, 'x'), /at most 15 digits/);
  assert.throws(() => constraintShape.read({ equals: 0.1 + 0.2 }, 'x'), /at most 15 digits/);
  assert.throws(() => constraintShape.read({ equals: '\ud800' }, 'x'), /characters/);
});

test('a number is taken where it has at most 15 digits, zeros in front not counted', () => {
  for (const fine of [123_456_789_012_345, -123_456_789_012_345, 0.00012345678901234, 0.5, 0])
    assert.deepEqual(constraintShape.read({ equals: fine }, 'x'), { equals: fine });
  for (const odd of [1_234_567_890_123_456, 1_000_000_000_000_001, 1.234567890123456])
    assert.throws(() => constraintShape.read({ equals: odd }, 'x'), /at most 15 digits/, `${odd}`);
});

const described: readonly (readonly [Constraint, string])[] = [
  [{ equals: 'a' }, 'be "a"'],
  [{ oneOf: ['a', 5, null] }, 'be one of "a", 5, null'],
  [{ oneOf: [] }, 'be left out'],
  [{ oneOf: [1, 2, 3, 4, 5, 6, 7, 8] }, 'be one of 1, 2, 3, 4, 5, 6, 7, 8'],
  [{ oneOf: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, 'be one of 1, 2, 3, 4, 5, 6, 7, 8 and 2 more'],
  [{ notOneOf: ['a', 'b'] }, 'be none of "a", "b"'],
  [{ range: { min: '1', max: '5.00' } }, 'be from 1 to 5.00'],
  [{ range: { min: '1' } }, 'be at least 1'],
  [{ range: { max: '5' } }, 'be at most 5'],
  [{ prefix: '/a' }, 'begin with "/a", without dot segments'],
  [{ suffix: '.pdf' }, 'end with ".pdf"'],
  [{ under: '/a' }, 'be the path "/a" or one below it'],
  [{ cidr: '10.0.0.0/8' }, 'be an address in 10.0.0.0/8'],
  [{ domain: 'example.com' }, 'be "example.com" or a name below it'],
  [{ subsetOf: ['a', 'b'] }, 'be a list, not empty, of "a", "b"'],
  [{ subsetOf: [] }, 'be left out'],
  [{ maxLength: 5 }, 'be no longer than 5'],
  [{ any: true }, 'be present'],
  [{ regex: '.*' } as unknown as Constraint, 'meet a bound that is not known here'],
];

for (const [constraint, says] of described) {
  test(`${JSON.stringify(constraint)} reads: has to ${says}`, () => assert.equal(describeConstraint(constraint), says));
}

test('the schema of a constraint has one closed object for each kind', () => {
  const { oneOf } = constraintShape.schema() as { oneOf: Record<string, unknown>[] };
  assert.deepEqual(
    oneOf.map(({ properties, ...rest }) => [Object.keys(properties as object), rest]),
    constraintKinds.map((kind) => [[kind], { type: 'object', required: [kind], additionalProperties: false }]),
  );
});

test('descriptions show hidden characters instead of printing them', () => {
  const says = describeConstraint({ equals: 'pay\u202eroll\u0007\u200b' });
  assert.equal(says, 'be "pay\\u{202e}roll\\u{7}\\u{200b}"');
});
