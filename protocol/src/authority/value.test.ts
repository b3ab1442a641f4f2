import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonNumber, type JsonValue } from '../json.ts';
import { exactKey, looseKey, numberText, show, showText } from './value.ts';

const number = (text: string) => new JsonNumber(text);

test('a number has one spelling, whatever it was written like', () => {
  const spelled: [string, string][] = [
    ...(['0', '0.0', '0.00'] as const).map((text): [string, string] => [text, '0']),
    ...([
      ['1.5', '1.5'],
      ['1.500', '1.5'],
      ['1.05', '1.05'],
      ['1.050', '1.05'],
      ['10', '10'],
    ] as [string, string][]),
    ...([
      ['100.00', '100'],
      ['-2.50', '-2.5'],
      ['0.001', '0.001'],
    ] as [string, string][]),
  ];
  for (const [text, expected] of spelled) assert.equal(numberText(number(text)), expected, text);
  assert.equal(numberText(30), '30');
  for (const odd of [1e300, '30', null, true, []]) assert.equal(numberText(odd), undefined);
});

test('no type is taken for another, and what is no plain scalar has no key', () => {
  assert.deepEqual(['a', 'null', null, true, number('1.0')].map(exactKey), [
    'text a',
    'text null',
    'word null',
    'word true',
    'number 1',
  ]);
  for (const odd of [[], {}, 1e300]) assert.equal(exactKey(odd), undefined);
});

test('what an upstream might take for the same has one loose key', () => {
  for (const same of ['30', ' 030.0 ', '３０', '3e1', '0x1e', 30, number('30.00')])
    assert.equal(looseKey(same), 'number 30');
  for (const same of ['Admin', ' ADMIN', 'ａｄｍｉｎ']) assert.equal(looseKey(same), 'text admin');
  assert.equal(looseKey(null), looseKey('NULL'));
  assert.equal(looseKey(true), 'text true');
  for (const blank of ['', ' ']) assert.equal(looseKey(blank), 'text ');
  for (const odd of [[], {}, 1e300]) assert.equal(looseKey(odd), undefined);
});

test('values are shown to people as what they are', () => {
  const shown: [JsonValue | number, string][] = [
    ['a', '"a"'],
    [null, 'null'],
    [true, 'true'],
    [false, 'false'],
    [7, '7'],
    [number('1.50'), '1.50'],
    [['a', 'b'], 'a list of 2'],
    [{ a: 'b' }, 'an object'],
  ];
  for (const [value, expected] of shown) assert.equal(show(value), expected);
});

test('a text is shown in quotes that it cannot leave, and cut where it is long', () => {
  assert.equal(showText('say "hi" \\'), '"say \\"hi\\" \\\\"');
  assert.equal(showText('a\u00a0b c'), '"a\\u{a0}b c"');
  assert.equal(showText('😀'.repeat(80)), `"${'😀'.repeat(80)}"`);
  assert.equal(showText('x'.repeat(81)), `"${'x'.repeat(80)}…" (81 characters)`);
});
