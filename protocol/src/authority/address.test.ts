import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAligned, parseNetwork } from './address.ts';

test('an address of version 4 has four parts, of version 6 eight or one gap for the missing ones', () => {
  for (const text of ['1.2.3.4', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6::8', '1::8', '::', '1::', '::8']) {
    assert.ok(parseNetwork(text), text);
  }
  for (const text of [
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '1:2:3:4:5:6:7:8::9',
  ])
    assert.equal(parseNetwork(text), undefined, text);
});

test('a network is written with no bits set behind its length, in either version', () => {
  const aligned = (text: string) => isAligned(parseNetwork(text)!);
  for (const text of ['10.0.0.0/8', '10.1.2.3', '0.0.0.0/0', '2001:db8::/32', '::/0', '::1'])
    assert.ok(aligned(text), text);
  for (const text of ['10.1.0.0/8', '10.0.0.1/31', '2001:db8::1/32', '2001:db8:1::/32', '::1/127'])
    assert.ok(!aligned(text), text);
});
