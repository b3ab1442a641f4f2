import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from './json.ts';
import {
  anything,
  boolean,
  currency,
  decimal,
  either,
  exactly,
  id,
  integer,
  jsonSchema,
  list,
  nullable,
  numeral,
  object,
  oneOf,
  optional,
  parse,
  record,
  type Shape,
  ShapeFault,
  type ShapeOf,
  scalar,
  text,
} from './shape.ts';

const refund = object({
  order: text({ max: 12, pattern: /^[0-9]+$/, must: 'must be an order number' }),
  amount: decimal(),
  currency: currency(),
  reason: optional(text({ max: 40 })),
});
const body = object({
  task: id('task'),
  kind: oneOf('damaged', 'lost'),
  refunds: list(refund, { min: 1, max: 2 }),
  tries: integer({ min: 0, max: 3 }),
  notify: boolean(),
  note: nullable(text({ max: 5 })),
});

const good: ShapeOf<typeof body> = {
  task: 'tsk_00000000000000000001' as ShapeOf<typeof body>['task'],
  kind: 'damaged',
  refunds: [{ order: '1042', amount: '30.00' as ShapeOf<typeof refund>['amount'], currency: 'USD' }],
  tries: 1,
  notify: true,
  note: null,
};

const faultOf = (shape: Shape<unknown>, value: unknown): string => {
  try {
    parse(shape, value);
  } catch (error) {
    if (error instanceof ShapeFault) return error.message;
    throw error;
  }
  return assert.fail(`was read: ${JSON.stringify(value)}`);
};

test('reads a body as typed, from plain JavaScript and from strict JSON alike', () => {
  assert.deepEqual(parse(body, good), good);
  assert.deepEqual(parse(body, parseJson(JSON.stringify(good))), good);
  assert.deepEqual(
    parse(body, { ...good, refunds: [{ ...good.refunds[0], reason: 'broken' }] }).refunds[0]?.reason,
    'broken',
  );
});

test('a fault names the place and says what must be there', () => {
  assert.equal(faultOf(body, null), 'The body must be an object.');
  assert.equal(faultOf(body, { ...good, note: 'longer' }), 'note must be a text of 1 to 5 characters.');
  assert.equal(faultOf(body, { ...good, task: 'agt_00000000000000000001' }), 'task must be the id of one task.');
  assert.equal(faultOf(body, { ...good, kind: 'Damaged' }), 'kind must be "damaged" or "lost".');
  assert.equal(faultOf(body, { ...good, refunds: [] }), 'refunds must have 1 to 2 elements.');
  assert.equal(faultOf(body, { ...good, refunds: { length: 1 } }), 'refunds must be a list.');
  assert.equal(faultOf(body, { ...good, tries: 1.5 }), 'tries must be a whole number from 0 to 3.');
  assert.equal(faultOf(body, { ...good, tries: '1' }), 'tries must be a whole number from 0 to 3.');
  assert.equal(faultOf(body, { ...good, notify: 1 }), 'notify must be true or false.');
  const wrong = { order: 'abc', amount: '30.00', currency: 'USD' };
  assert.equal(faultOf(body, { ...good, refunds: [wrong] }), 'refunds[0].order must be an order number.');
  assert.equal(
    faultOf(body, { ...good, refunds: [{ ...wrong, order: '1', amount: '1e3' }] }),
    'refunds[0].amount must be a decimal in a string, such as "30.00".',
  );
  assert.match(
    faultOf(body, { ...good, refunds: [{ ...wrong, order: '1', currency: 'usd' }] }),
    /three capital letters/,
  );
});

test('refuses members it does not know, also inherited names, and missing ones', () => {
  assert.equal(faultOf(body, { ...good, admin: true }), 'admin is not known here.');
  assert.equal(faultOf(body, { ...good, 'x y': 1 }), '["x y"] is not known here.');
  assert.equal(faultOf(object({}), parseJson('{"__proto__":1}')), '__proto__ is not known here.');
  assert.equal(faultOf(object({}), parseJson('{"constructor":1}')), 'constructor is not known here.');
  assert.equal(faultOf(object({ toString: text({ max: 1 }) }), {}), 'toString is missing.');
  assert.equal(
    faultOf(object({ reason: optional(text({ max: 3 })) }), { reason: null }),
    'reason must be a text of 1 to 3 characters.',
  );
});

test('a query parameter is a number only in plain digits', () => {
  const limit = object({ limit: optional(numeral({ min: 1, max: 100 })) });
  assert.deepEqual(parse(limit, { limit: '20' }), { limit: 20 });
  assert.deepEqual(parse(limit, {}), {});
  for (const odd of ['', '0', '101', '020', '1e1', ' 5', '5.0', '-5', '٣', 5, ['5']]) {
    assert.equal(faultOf(limit, { limit: odd }), 'limit must be a whole number from 1 to 100.');
  }
});

test('counts text in code points and refuses half pairs', () => {
  assert.equal(parse(text({ max: 2 }), '😀😀'), '😀😀');
  assert.match(faultOf(text({ max: 2 }), '😀😀😀'), /1 to 2/);
  assert.match(faultOf(text({ max: 9 }), '\ud800'), /text/);
  assert.match(faultOf(text({ max: 9 }), ''), /1 to 9/);
  assert.equal(parse(text({ min: 0, max: 9 }), ''), '');
});

test('either takes the first shape that fits, and blames the one that came furthest', () => {
  const constraint = either(
    object({ equals: scalar(9) }),
    object({ range: object({ max: decimal() }) }),
    exactly('any'),
  );
  assert.deepEqual(parse(constraint, { equals: 5 }), { equals: 5 });
  assert.equal(parse(constraint, 'any'), 'any');
  assert.match(faultOf(constraint, { range: { max: 5 } }), /^range\.max must be a decimal/);
  assert.equal(faultOf(constraint, 7), 'The body has none of the shapes accepted here.');
  assert.match(faultOf(object({ c: constraint }), { c: 7 }), /^c has none/);
});

test('a record has the names that its caller chose, none inherited, and a maximum', () => {
  const read = parse(record(integer({ min: 0, max: 9 }), { max: 2 }), parseJson('{"__proto__":1,"b":2}'));
  assert.deepEqual(Object.entries(read), [
    ['__proto__', 1],
    ['b', 2],
  ]);
  assert.ok(!('constructor' in read));
  assert.match(faultOf(record(boolean(), { max: 1 }), { a: true, b: true }), /at most 1/);
  assert.match(faultOf(record(boolean()), { '': true }), /1 to 256/);
  assert.equal(faultOf(record(boolean()), { a: 1 }), 'a must be true or false.');
});

test('anything is plain JavaScript afterwards, but must be there', () => {
  assert.equal(
    JSON.stringify(parse(object({ x: anything() }), parseJson('{"x":{"a":[1.50,null]}}'))),
    '{"x":{"a":[1.5,null]}}',
  );
  assert.equal(faultOf(object({ x: anything() }), {}), 'x is missing.');
});

test('describes itself as JSON Schema', () => {
  assert.deepEqual(jsonSchema(refund), {
    type: 'object',
    properties: {
      order: { type: 'string', minLength: 1, maxLength: 12, pattern: '^[0-9]+$' },
      amount: { type: 'string', pattern: '^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,9})?$' },
      currency: { type: 'string', pattern: '^[A-Z]{3}$' },
      reason: { type: 'string', minLength: 1, maxLength: 40 },
    },
    required: ['order', 'amount', 'currency'],
    additionalProperties: false,
  });
});
