import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDnsName } from './dns-name.ts';

test('a name comes back in small letters', () => {
  assert.equal(parseDnsName('API.Example.COM'), 'api.example.com');
  assert.equal(parseDnsName('localhost'), 'localhost');
});

test('letters that only turn into ASCII when they are made small are none', () => {
  // U+212A, the Kelvin sign, is a k in small letters.
  for (const name of ['\u212aelvin.example', 'example.\u212a', 'a.\u212a.example'])
    assert.equal(parseDnsName(name), undefined);
});

test('a name has at most 253 characters, a label 63', () => {
  const long = `${`${'a'.repeat(63)}.`.repeat(3)}${'b'.repeat(61)}`;
  assert.equal(long.length, 253);
  assert.equal(parseDnsName(long), long);
  assert.equal(parseDnsName(`${long}b`), undefined);
  assert.equal(parseDnsName(`${'a'.repeat(64)}.example`), undefined);
});

test('a last label that reads like a number makes an address, not a name', () => {
  for (const name of ['a.b.10', '10', 'example.7', 'example.0x', 'example.0xff', 'example.0XFF'])
    assert.equal(parseDnsName(name), undefined, name);
  for (const name of ['10.example', 'example.a1', 'example.1a', 'example.0xfg', '0xff.example', 'example.x0'])
    assert.equal(parseDnsName(name), name);
});
