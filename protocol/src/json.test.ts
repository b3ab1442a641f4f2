import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalJson,
  JsonFault,
  JsonNumber,
  parseAsWritten,
  parseJson,
  parseKept,
  plainJson,
  printJson,
} from './json.ts';

const refuses = (text: string, says: RegExp) =>
  assert.throws(
    () => parseJson(text),
    (error) => error instanceof JsonFault && says.test(error.message),
    text,
  );

test('reads what JSON.parse reads, and keeps numbers as they were written', () => {
  const value = parseJson(' {"a":[1,-2.50,true,null],"b":"\\u00e9\\n","":{}} ');
  assert.equal(printJson(value), '{"a":[1,-2.50,true,null],"b":"é\\n","":{}}');
  assert.deepEqual(JSON.parse(JSON.stringify(value)), { a: [1, -2.5, true, null], b: 'é\n', '': {} });
});

test('refuses a key that stands twice, however it is spelled', () => {
  refuses('{"amount":1,"amount":2}', /"amount" stands twice .*character 13/);
  refuses('{"a":{"x":1,"\\u0078":2}}', /"x" stands twice/);
  refuses('{"__proto__":1,"__proto__":2}', /stands twice/);
});

test('an object has no inherited names', () => {
  const value = parseJson('{"__proto__":{"admin":true}}') as Record<string, unknown>;
  assert.ok(!('admin' in value) && !('constructor' in value));
  assert.deepEqual(Object.keys(value), ['__proto__']);
});

test('refuses numbers that another reader could understand differently', () => {
  refuses('1e2', /exponent/);
  refuses('1E400', /exponent/);
  refuses('-0', /Negative zero/);
  refuses('-0.00', /Negative zero/);
  refuses('9007199254740993', /15 digits/);
  refuses('0.1234567890123456', /15 digits/);
  refuses('0.0000000000000001', /15 digits/);
  refuses('100000000000000000000', /15 digits/);
  for (const text of ['01', '+1', '.5', '1.', '0x1', 'NaN', 'Infinity', '１', '--1', '1_000']) refuses(text, /./);
});

test('numbers that are passed on as texts stay what they were, however long, and the rest is read as strictly', () => {
  const text = '{"id":9007199254740993,"of":[1e400,-0,12.50]}';
  assert.deepEqual({ ...(parseAsWritten(text) as object) }, { id: '9007199254740993', of: ['1e400', '-0', '12.50'] });
  assert.throws(() => parseAsWritten('{"id":1,"id":2}'), JsonFault);
});

test('refuses half surrogate pairs, raw or escaped', () => {
  refuses('"\\ud800"', /surrogate/);
  refuses('"\ud800"', /surrogate/);
  refuses('{"\\udc00":1}', /surrogate/);
  assert.equal(parseJson('"\\ud83d\\ude00"'), '😀');
});

test('refuses what is not one JSON value', () => {
  for (const text of [
    '',
    ' ',
    '{',
    '[1',
    '[1,]',
    '{"a":1,}',
    '{"a"}',
    '{a:1}',
    "'a'",
    '"a',
    '"\\x"',
    '"\\u12"',
    'tru',
    'undefined',
  ]) {
    refuses(text, /character \d+ of the JSON text/);
  }
  refuses('1 2', /Something follows/);
  refuses('{} x', /Something follows/);
  refuses('\ufeff{}', /not a JSON value/);
  refuses('"a\nb"', /control character/);
  refuses('[1\u00a0]', /comma/);
});

test('refuses depth and numbers of values beyond the bounds', () => {
  assert.throws(() => parseJson('[[[1]]]', { depthMax: 2 }), /nested deeper/);
  parseJson('[[[1]],[[2]]]', { depthMax: 3 });
  assert.throws(() => parseJson('[1,2,3]', { nodesMax: 3 }), /more values/);
  assert.throws(() => parseJson('['.repeat(100_000)), JsonFault);
});

test('canonical JSON orders keys by UTF-16 code units and prints numbers as ECMAScript does', () => {
  // The two examples of RFC 8785 §3.2.2 and §3.2.3.
  assert.equal(
    canonicalJson({
      numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]'),
      string: '\u20ac$\u000f\nA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
  assert.deepEqual(Object.values(JSON.parse(canonicalJson(keys))), [4, 2, 6, 7, 1, 5, 3]);
});

test('canonical JSON of a number as written is that of its value', () => {
  assert.equal(canonicalJson({ b: new JsonNumber('30.00'), a: new JsonNumber('0.0000001') }), '{"a":1e-7,"b":30}');
});

test('canonical JSON refuses what JSON cannot hold, and leaves out undefined members', () => {
  assert.equal(canonicalJson({ b: undefined, a: 1 }), '{"a":1}');
  const loop: { self?: unknown } = {};
  loop.self = loop;
  for (const value of [
    undefined,
    [undefined],
    Number.NaN,
    1n,
    new Date(0),
    new Uint8Array(1),
    new Map(),
    () => 1,
    '\ud800',
    loop,
  ]) {
    assert.throws(() => canonicalJson(value), JsonFault);
  }
});

const jsonTexts = fc.json({ maxDepth: 4 });

test('law: what is read survives parse and print, and means what JSON.parse means', () => {
  fc.assert(
    fc.property(jsonTexts, (text) => {
      let value: ReturnType<typeof parseJson>;
      try {
        value = parseJson(text);
      } catch (error) {
        assert.ok(error instanceof JsonFault);
        return;
      }
      assert.deepEqual(JSON.parse(printJson(value)), JSON.parse(text));
      assert.equal(JSON.stringify(plainJson(parseJson(printJson(value)))), JSON.stringify(plainJson(value)));
      assert.equal(canonicalJson(value), canonicalJson(JSON.parse(text)));
    }),
    { numRuns: 300 },
  );
});

test('law: whatever the reader takes, JSON.parse takes', () => {
  const noise = fc.array(
    fc.constantFrom('{', '}', '[', ']', ':', ',', '"', 'a', '1', '0', '-', '.', 'e', ' ', 'null', '\\', '\\u0061'),
    { maxLength: 14 },
  );
  fc.assert(
    fc.property(noise, (parts) => {
      const text = parts.join('');
      try {
        parseJson(text);
      } catch {
        return;
      }
      JSON.parse(text);
    }),
    { numRuns: 1000 },
  );
});

test('law: members are in the order of their UTF-16 code units, however many there are and whatever their names', () => {
  const names = fc.uniqueArray(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '\\', '10', '9', '\uffff', '😀')),
    {
      maxLength: 60,
      size: 'max',
    },
  );
  fc.assert(
    fc.property(names, (all) => {
      const object = Object.fromEntries(all.map((name, i) => [name, i]));
      const printed = [...all].sort().map((name) => `${JSON.stringify(name)}:${all.indexOf(name)}`);
      assert.equal(canonicalJson(object), `{${printed.join(',')}}`);
    }),
  );
});

test('law: canonical JSON does not depend on the order of members', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const backwards = Object.fromEntries(Object.entries(object).reverse());
      assert.equal(canonicalJson(backwards), canonicalJson(object));
      assert.equal(canonicalJson(JSON.parse(canonicalJson(object))), canonicalJson(object));
    }),
    { numRuns: 200 },
  );
});

test('law: a number that is taken keeps its value through a double', () => {
  const plain = fc.tuple(fc.bigInt(-999999n, 999999n), fc.integer({ min: 0, max: 999999999 }));
  fc.assert(
    fc.property(plain, ([whole, part]) => {
      const written = `${whole}.${String(part).padStart(9, '0')}`;
      if (/^-?0\.0+$/.test(written) && written.startsWith('-')) return;
      assert.equal(new JsonNumber(written).toNumber().toFixed(9), written);
    }),
  );
});

// JSON.parse of V8 takes a key with an escape for one that it met before, where the key as written begins with that one.
test('what is kept is read with the keys that it has, whatever was read before it', () => {
  const texts = ['"', '\n', '"x', '\u0001', 'é\\"'].flatMap((key, i) =>
    [key.replace(/./, '\\'), key].map((name) =>
      JSON.stringify({ [`first ${i}`]: 1, [name]: { ['__proto__']: [2.5e30, -0.1] } }),
    ),
  );
  for (const text of texts) assert.equal(JSON.stringify(parseKept(text)), text);
});

test('what is kept is read as JSON.parse reads it (property)', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parseKept(text), JSON.parse(text));
      assert.equal(JSON.stringify(parseKept(`{"a\\n":${text}}`)), `{"a\\n":${JSON.stringify(JSON.parse(text))}}`);
    }),
  );
  for (const text of ['', '{"a\\n":1', '{"a\\n":01}', '["\\x"]', '{"a\\n":1}]', 'nul'])
    assert.throws(() => parseKept(text), text);
});
