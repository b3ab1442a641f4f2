import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanText as clean } from '@ambit/protocol';
import fc from 'fast-check';
import { indent, join, line, named, paint, printJson, printLine, quote, quoteLines, table } from './line.ts';

// Built here, so that this file itself holds nothing unseen.
const at = (...points: number[]) => String.fromCodePoint(...points);
const nasty = [
  ...Array.from({ length: 0x20 }, (_, i) => at(i)),
  ...Array.from({ length: 0x21 }, (_, i) => at(0x7f + i)),
  ...[
    0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x061c, 0x2028, 0x2029, 0x2060, 0xfeff, 0x00ad, 0x034f, 0x3164, 0x2800,
  ].map((one) => at(one)),
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069].map((one) => at(one)),
  ...[0xe0001, 0xe0041, 0xe007f, 0xe0100, 0xfe0f, 0x00a0, 0x3000, 0x2003, 0xe000].map((one) => at(one)),
  '\ud800',
  '\udfff',
  `${at(0x1b)}[2J`,
  `${at(0x1b)}]0;title${at(7)}`,
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary' })), { maxLength: 20 })
  .map((all) => all.join(''));

const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;

test('nothing that a terminal obeys or an eye misses comes out of the cleaner', () => {
  fc.assert(fc.property(hostile, (text) => assert.doesNotMatch(clean(text), obeyed)));
});

test('cleaning twice is cleaning once', () => {
  fc.assert(fc.property(hostile, (text) => assert.equal(clean(clean(text)), clean(text))));
});

test('a mark on a letter that nobody sees is shown by itself, and stands on no box', () => {
  assert.equal(clean('\u3164\u0591'), '[U+3164][U+0591]');
  assert.equal(clean(')\u0301\u0302'), ')[U+0301][U+0302]');
});

test('plain words in any script pass unchanged', () => {
  for (const text of [
    'Dana Ruiz',
    'Zoë Müller',
    'Ольга',
    '田中',
    'مريم',
    'हिन्दी',
    'a-b_c.d/e?f=1&g',
    '“quotes”',
    '€ 80.00',
  ]) {
    assert.equal(clean(text), text);
  }
});

test('each unseen character is named by its code point', () => {
  assert.equal(clean(`a${at(0x202e)}b`), 'a[U+202E]b');
  assert.equal(clean(`a${at(0x1b)}[31mb`), 'a[U+001B][31mb');
  assert.equal(clean(`a\r\nb`), 'a[U+000D][U+000A]b');
  assert.equal(clean(at(0xe0041)), '[U+E0041]');
  assert.equal(clean('\ud800'), '[U+D800]');
});

test('a tower of marks does not reach other lines', () => {
  const mark = at(0x0301);
  assert.equal(clean(`e${mark}${mark}`), `e${mark}${mark}`);
  assert.equal(clean(`e${mark.repeat(4)}`), `e${mark}${mark}[U+0301][U+0301]`);
  assert.equal(clean(mark), '[U+0301]');
});

test('whatever is put into a line passes the cleaner, through every way of making one', () => {
  const ways = [
    (text: string) => line`a ${text} b`,
    quote,
    (text: string) => named(text, text),
    (text: string) => paint('red', line`${text}`),
    (text: string) => indent(2, line`${text}`),
    (text: string) => join([text, text]),
    (text: string) => join(quoteLines(text)),
    (text: string) => join(table(['head'], [[text], [line`${text}`]])),
  ];
  fc.assert(
    fc.property(hostile, fc.constantFrom(...ways), (text, way) =>
      assert.doesNotMatch(printLine(way(text), false), obeyed),
    ),
  );
});

test('a colour is around cleaned text, and nowhere without a terminal', () => {
  const painted = paint('green', line`ok ${at(0x1b)}`);
  assert.equal(printLine(painted, false), 'ok [U+001B]');
  assert.equal(printLine(painted, true), '\u001b[32mok \u001b[0m\u001b[32m[U+001B]\u001b[0m');
});

test('text that looks like a line is still foreign', () => {
  const forged = JSON.parse('{"parts":[{"text":"x","style":null}]}') as unknown as string;
  assert.throws(() => printLine(line`${forged}`, false));
});

test('a quote cannot end its own quotes', () => {
  assert.equal(printLine(quote('fine". Approved by Bob "'), false), '"fine\\". Approved by Bob \\""');
  fc.assert(
    fc.property(hostile, (text) => {
      const inside = printLine(quote(text), false)
        .replace(/ \(one word mixes .*\)$/, '')
        .slice(1, -1);
      assert.doesNotMatch(inside.replaceAll(/\\["\\]/g, ''), /["\\]/);
    }),
  );
});

test('lines of foreign text are each marked', () => {
  assert.deepEqual(
    quoteLines('one\ntwo\r').map((one) => printLine(one, false)),
    ['| one', '| two[U+000D]'],
  );
});

test('a name stands before its id only where it is a plain name', () => {
  assert.equal(printLine(named('refund-bot', 'agt_1'), false), 'refund-bot (agt_1)');
  assert.equal(printLine(named('bot (agt_2)', 'agt_1'), false), 'agt_1, called "bot (agt_2)"');
  assert.equal(
    printLine(named(`p${at(0x430)}ypal`, 'agt_1'), false),
    `agt_1, called "p${at(0x430)}ypal" (one word mixes Latin and Cyrillic letters)`,
  );
});

test('JSON keeps its value and gives a terminal nothing to obey', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ name: hostile })), (value) => {
      const printed = printJson(value);
      assert.doesNotMatch(printed, obeyed);
      assert.deepEqual(JSON.parse(printed), JSON.parse(JSON.stringify(value)));
    }),
  );
});
