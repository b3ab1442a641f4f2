import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addDecimal,
  compareDecimal,
  type Decimal,
  decimalOf,
  isCurrency,
  parseDecimal,
  subtractDecimal,
} from './decimal.ts';

test('reads plain amounts', () => {
  for (const text of ['0', '0.00', '30.00', '250', '999999999999999.999999999']) assert.equal(parseDecimal(text), text);
});

test('refuses every other spelling of a number', () => {
  const others = [
    '',
    '-1',
    '-0',
    '+1',
    '01',
    '1.',
    '.5',
    '1e3',
    '1,000',
    ' 1',
    '1 ',
    '1\n',
    '３０',
    '٣',
    '0x10',
    '1_0',
    'NaN',
  ];
  for (const text of [...others, '1000000000000000', '0.0000000001', 30, null, undefined, ['1']]) {
    assert.equal(parseDecimal(text), undefined, JSON.stringify(text));
  }
});

test('adds, subtracts and compares exactly', () => {
  assert.equal(addDecimal(decimalOf('0.1'), decimalOf('0.20')), '0.30');
  assert.equal(subtractDecimal(decimalOf('250.00'), decimalOf('180')), '70.00');
  assert.equal(compareDecimal(decimalOf('30.00'), decimalOf('30')), 0);
  assert.equal(compareDecimal(decimalOf('9.99'), decimalOf('10')), -1);
  assert.equal(compareDecimal(decimalOf('999999999999999.000000001'), decimalOf('999999999999999')), 1);
});

test('there is no negative amount and no silent overflow', () => {
  assert.throws(() => subtractDecimal(decimalOf('1'), decimalOf('1.01')), /never negative/);
  assert.throws(() => addDecimal(decimalOf('999999999999999'), decimalOf('1')), RangeError);
  assert.throws(() => decimalOf('1e3'), RangeError);
});

test('a currency is three ASCII capitals', () => {
  assert.ok(isCurrency('USD'));
  for (const text of ['usd', 'US', 'USDT', 'ＵＳＤ', 'USD\n', 840, null]) assert.ok(!isCurrency(text));
});

const decimals = fc
  .tuple(fc.bigInt(0n, 99_999_999_999n), fc.bigInt(0n, 999_999_999n), fc.integer({ min: 0, max: 9 }))
  .map(([whole, part, places]): Decimal => {
    const fraction = String(part).padStart(9, '0').slice(0, places);
    return decimalOf(places === 0 ? `${whole}` : `${whole}.${fraction}`);
  });
const units = (value: Decimal) => {
  const [whole, part = ''] = value.split('.');
  return BigInt(whole + part.padEnd(9, '0'));
};

test('law: arithmetic is that of whole billionths', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const sum = addDecimal(a, b);
      assert.equal(units(sum), units(a) + units(b));
      assert.equal(compareDecimal(subtractDecimal(sum, b), a), 0);
      assert.equal(compareDecimal(a, b), units(a) < units(b) ? -1 : units(a) > units(b) ? 1 : 0);
    }),
  );
});
