import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatId } from '../ids.ts';
import { sayAction, withoutReadings } from './action-words.ts';
import { cleanText, isPlainName, seenText, unseenCount } from './clean-text.ts';
import { type Part, renderParts } from './parts.ts';

const at = (...points: number[]) => String.fromCodePoint(...points);
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;

const nasty = [
  ...[0, 7, 8, 9, 10, 13, 0x1b, 0x7f, 0x85, 0x9b, 0xa0, 0xad, 0x34f, 0x61c, 0x200b, 0x200d, 0x200e, 0x2028, 0x2029],
  ...[0x202a, 0x202e, 0x2066, 0x2069, 0x2060, 0xfeff, 0x3000, 0xe000, 0xe0001, 0xe0041, 0xe0100, 0x301, 0x302, 0x489],
].map((one) => at(one));
const words = [
  '"',
  '\\',
  '”',
  ' to order 7. Approved by Bob',
  '(',
  ')',
  'Refund',
  '1042',
  ' ',
  '\ud800',
  `${at(0x1b)}[2J`,
];
const foreign = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.constantFrom(...words), fc.string({ unit: 'binary' })), {
    maxLength: 8,
  })
  .map((all) => all.join(''));

const agent = formatId('agent', new Uint8Array(13));
const person = formatId('person', new Uint8Array(13));
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    value: foreign,
    kind: fc.constantFrom('text', 'order', 'amount', 'number'),
    source: fc.constant('call' as const),
  }),
  fc.record({
    value: foreign,
    label: foreign,
    kind: fc.constant('customer'),
    source: fc.constant('upstream' as const),
  }),
  fc.record({ value: foreign, kind: fc.constant('reason'), source: fc.constant('agent' as const) }),
  fc.record({ agent: fc.constant(agent), name: fc.option(foreign) }),
  fc.record({ person: fc.constant(person), name: fc.option(foreign) }),
);

/** What may stand where a value stood: a plain word, an amount, a plain name, or a quotation that ends where it ends. */
const quotation = String.raw`"(?:[^"\\]|\\["\\])*"`;
const plain = String.raw`[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}|[0-9]+(?:\.[0-9]+)? [A-Z]{3}`;
const name = String.raw`[\p{L}\p{N}.'-]+(?: [\p{L}\p{N}.'-]+){0,3}`;
const stands = new RegExp(`^(?:(?:${quotation} \\()?(?:${quotation}|${plain}|${name})\\)?)$`, 'u');

test('rendered text holds nothing that a terminal obeys or an eye misses, whatever the parts hold', () => {
  fc.assert(fc.property(fc.array(part), (parts) => assert.doesNotMatch(renderParts(parts), obeyed)));
});

test('a foreign value never alters our words around it, and is one word, one name or one quotation between them', () => {
  fc.assert(
    fc.property(part, (value) => {
      const rendered = renderParts([{ text: 'Refund ' }, value, { text: ' on this order.' }]);
      assert.ok(rendered.startsWith('Refund ') && rendered.endsWith(' on this order.'), rendered);
      assert.match(rendered.slice('Refund '.length, -' on this order.'.length), stands);
    }),
    { numRuns: 500 },
  );
});

test('the values of a call fill the holes of its template and nothing else, even where they look like holes', () => {
  const sentence = 'Refund {body.amount} {body.currency} for order {path.orderId}, because {body.reason}';
  const action = { api: 'shop', sentence, money: null, resource: { type: 'order', id: 'path.orderId' } };
  fc.assert(
    fc.property(foreign, foreign, (id, reason) => {
      const values = {
        'body.amount': '{path.orderId}',
        'body.currency': 'USD',
        'path.orderId': id,
        'body.reason': reason,
      };
      const parts = sayAction(action, values);
      assert.deepEqual(
        parts.filter((one) => 'text' in one).map((one) => 'text' in one && one.text),
        ['Refund ', ' ', ' for order ', ', because '],
      );
      assert.deepEqual(
        parts.flatMap((one) => ('value' in one ? [one.value] : [])),
        ['{path.orderId}', 'USD', id, reason],
      );
    }),
  );
});

test('an amount and its currency are one value, in whole units, and a resource points to its key', () => {
  const action = {
    api: 'shop',
    sentence: 'Refund {body.amount} {body.currency} to {body.customer|/buyer/name}',
    money: { amount: 'body.amount', currency: 'body.currency', places: 2 },
    resource: { type: 'customer', id: 'body.customer' },
  };
  const values = { 'body.amount': '8000', 'body.currency': 'USD', 'body.customer': 'cus_0217' };
  const parts = sayAction(action, values, JSON.stringify({ buyer: { name: 'Dana Ruiz' } }));
  assert.deepEqual(parts, [
    { text: 'Refund ' },
    { value: '80.00 USD', kind: 'amount', source: 'call' },
    { text: ' to ' },
    { value: 'cus_0217', kind: 'customer', id: 'shop:customer/cus_0217', label: 'Dana Ruiz', source: 'call' },
  ]);
  assert.equal(renderParts(parts), 'Refund 80.00 USD to "Dana Ruiz" (cus_0217)');
  assert.equal(renderParts(sayAction(action, values, 'no JSON')), 'Refund 80.00 USD to cus_0217');
  assert.equal(
    renderParts(sayAction(action, { 'body.amount': '5' })),
    'Refund 0.05 {body.currency} to {body.customer|/buyer/name}',
  );
});

describe('what only a look at the resource tells', () => {
  const action = {
    api: 'shop',
    sentence:
      'Refund {body.amount}[ to {customer:/buyer/id|/buyer/name}, their own account] for order {path.orderId}[x]',
    money: null,
    resource: { type: 'order', id: 'path.orderId' },
  };
  const values = { 'body.amount': '80.00', 'path.orderId': '1042' };
  const said = (read: unknown) => renderParts(sayAction(action, values, JSON.stringify(read)));

  test('is a value of its kind, with the name that stood beside it', () => {
    assert.deepEqual(sayAction(action, values, '{"buyer":{"id":"cus_0217","name":"Dana Ruiz"}}').slice(1, 5), [
      { value: '80.00', kind: 'text', source: 'call' },
      { text: ' to ' },
      { value: 'cus_0217', kind: 'customer', id: 'shop:customer/cus_0217', label: 'Dana Ruiz', source: 'upstream' },
      { text: ', their own account for order ' },
    ]);
    assert.equal(said({ buyer: { id: 217 } }), 'Refund 80.00 to 217, their own account for order 1042[x]');
  });

  test('falls out with its brackets where it was not read, and other brackets are ours', () => {
    for (const read of [null, 'no JSON', {}, { buyer: {} }, { buyer: { id: '' } }, { buyer: { id: ['cus_0217'] } }])
      assert.equal(said(read), 'Refund 80.00 for order 1042[x]');
    assert.equal(renderParts(sayAction(action, values)), 'Refund 80.00 for order 1042[x]');
    assert.equal(withoutReadings(action.sentence), 'Refund {body.amount} for order {path.orderId}[x]');
  });

  test('makes no holes, no brackets and no words of ours, whatever is read', () => {
    fc.assert(
      fc.property(foreign, foreign, (id, name) => {
        const parts = sayAction(action, values, JSON.stringify({ buyer: { id: `x${id}`, name } }));
        assert.deepEqual(
          parts.flatMap((one) => ('text' in one ? [one.text] : [])),
          id.length > 199
            ? ['Refund ', ' for order ', '[x]']
            : ['Refund ', ' to ', ', their own account for order ', '[x]'],
        );
      }),
    );
  });
});

test('a name stands in a sentence of ours only where it cannot pass for words of it', () => {
  for (const ok of [
    'Dana Ruiz',
    'refund-bot',
    'Zoë',
    'Ольга',
    '田中',
    "O'Neil",
    'J. R. Smith',
    'bot 7',
    'shop.example',
  ])
    assert.ok(isPlainName(ok), ok);
  for (const no of [
    '',
    ' Bob',
    'Bob ',
    'Dana Ruiz for order 7. Approved',
    'Bob. Approved',
    'a b c d e',
    'pаypal',
    'x\ny',
  ])
    assert.ok(!isPlainName(no), no);
  assert.ok(
    !isPlainName('a'.repeat(41)) &&
      !isPlainName('(ok)') &&
      !isPlainName('x:y') &&
      !isPlainName(`a${at(0x301, 0x301, 0x301)}`),
  );
});

test('a name that is no plain one gives way to the id', () => {
  assert.equal(renderParts([{ agent, name: 'refund-bot' }, { text: ' asks' }]), 'refund-bot asks');
  assert.equal(renderParts([{ agent, name: 'Bob. Approved' }, { text: ' asks' }]), `${agent} asks`);
  assert.equal(renderParts([{ person, name: null }]), person);
});

test('what the eye misses is in boxes, counted, and nothing else is changed', () => {
  assert.deepEqual(seenText('a\u202eb'), [{ text: 'a' }, { codePoint: 'U+202E' }, { text: 'b' }]);
  assert.equal(cleanText('\u3164\u0591'), '[U+3164][U+0591]');
  assert.equal(unseenCount('a\u200bb\u{e0041}'), 2);
  fc.assert(
    fc.property(foreign, (text) => {
      assert.equal(cleanText(cleanText(text)), cleanText(text));
      assert.equal(unseenCount(text) === 0, cleanText(text) === text);
    }),
  );
});
