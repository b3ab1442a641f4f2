import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Datetime, Value } from '../value.ts';
import { parseDecimal, printDecimal } from './decimal.ts';
import { extensionFunctions } from './index.ts';
import { parseIp, printIp } from './ip.ts';

const run = (name: string, ...args: Value[]): Value => extensionFunctions.get(name)!(args);
const text = (name: string, ...texts: string[]) => texts.map((one) => run(name, one));

test('decimals are compared, equal ones too', () => {
  const truths = (name: string) =>
    [
      ['1.0', '2.0'],
      ['2.0', '2.00'],
      ['3.0', '2.0'],
    ].map((pair) => run(name, ...text('decimal', ...pair)));
  assert.deepEqual(truths('lessThan'), [true, false, false]);
  assert.deepEqual(truths('lessThanOrEqual'), [true, true, false]);
  assert.deepEqual(truths('greaterThan'), [false, false, true]);
  assert.deepEqual(truths('greaterThanOrEqual'), [false, true, true]);
});

test('a decimal prints as it is read', () => {
  for (const one of ['0.0000', '-0.0001', '12.5000', '-922337203685477.5808'])
    assert.equal(printDecimal(parseDecimal(one)), one);
});

test('an extension value that cannot be read says how it is written', () => {
  const says = (name: string, one: string, words: RegExp) => assert.throws(() => run(name, one), words, one);
  for (const one of ['', '1', '1.', '.5', '1.00000', '+1.0', ' 1.0', '1.0 ', '1e3'])
    says('decimal', one, /a decimal is written like 12\.50/);
  says('decimal', `${'9'.repeat(30)}.0`, /the decimal is too large/);
  for (const one of ['', 'd', '1', '1h1d', '1.5h', '- 1d', '1d ', ' 1d', '--1d', '1D'])
    says('duration', one, /a duration is written like 1d12h30m/);
  says('duration', `${'9'.repeat(30)}d`, /the duration is too long/);
  for (const one of ['', '1.2.3', '1.2.3.4/33', '::1/129', '1.2.3.4/8/8', '1.2.3.4/', '1.2.3.4/08', '::1::', 'g::'])
    says('ip', one, /this is not an ip address or range/);
  assert.throws(() => run('isIpv4', ...text('ip', '::1', '::1')), /isIpv4 takes 1 argument\(s\), not 2/);
  assert.throws(() => run('ip', 5), /expected a string, found a long/);
});

test('addresses know their family, and whether they stay at home or go to many', () => {
  const holding = (name: string, ...texts: string[]) => texts.filter((one) => run(name, run('ip', one)));
  const all = [
    '10.0.0.1',
    '127.0.0.1',
    '127.0.0.0/8',
    '127.0.0.0/7',
    '126.0.0.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
  ];
  const six = ['::1', '::1/127', '::2', '::', 'ff00::1', 'ff00::/7', 'fe00::1', '7f00::1'];
  assert.deepEqual(holding('isIpv4', ...all, ...six), all);
  assert.deepEqual(holding('isIpv6', ...all, ...six), six);
  assert.deepEqual(holding('isLoopback', ...all, ...six), ['127.0.0.1', '127.0.0.0/8', '::1']);
  assert.deepEqual(holding('isMulticast', ...all, ...six), ['224.0.0.1', '239.255.255.255', 'ff00::1']);
});

test('an address prints as it is read', () => {
  for (const one of ['10.1.2.3/32', '255.254.1.0/8', '2001:db8:0:0:ffff:1:0:fffe/128', '0:0:0:0:0:0:0:0/0'])
    assert.equal(printIp(parseIp(one)), one);
});

test('the longest address there is can be read', () => {
  const longest = '0000:0000:0000:0000:0000:0000:0000:0001/128';
  assert.equal(longest.length, 43);
  assert.equal(printIp(parseIp(longest)), '0:0:0:0:0:0:0:1/128');
});

test('a datetime is the milliseconds since 1970, on every day that there is', () => {
  for (const one of [
    ...['1970-01-01', '1970-01-31', '1970-02-01', '1970-02-28', '1970-03-01', '1970-12-31', '1971-01-01'],
    ...['2000-02-29', '2024-02-29', '2100-02-28', '2100-03-01', '1900-02-28', '0000-01-01', '9999-12-31'],
    ...['1969-12-31T23:59:59.999Z', '2027-01-31T09:30:00.250Z', '2027-06-30T23:59:59Z'],
  ]) {
    assert.equal((run('datetime', one) as Datetime).epochMilliseconds, Date.parse(one), one);
  }
  const shifted = run('datetime', '2027-01-31T09:30:00+0130') as Datetime;
  assert.equal(shifted.epochMilliseconds, Date.parse('2027-01-31T08:00:00Z'));
});

test('a day or an hour that there is not is refused', () => {
  for (const one of [
    ...['2027-00-01', '2027-13-01', '2027-01-00', '2027-01-32', '2027-04-31', '2027-02-29', '1900-02-29', '2100-02-29'],
    ...['2027-01-01T24:00:00Z', '2027-01-01T23:60:00Z', '2027-01-01T23:59:60Z', '2027-01-01T00:00:00+2400'],
    ...[
      '2027-01-01T00:00:00+0060',
      '2027-01-01T00:00:00',
      '2027-01-01T00:00Z',
      '2027-1-1',
      ' 2027-01-01',
      '2027-01-01 ',
    ],
  ]) {
    assert.throws(() => run('datetime', one), /a datetime is written like 2027-01-31/, one);
  }
});
