import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTrustDomain, parseSpiffeId, parseWorkloadId } from './spiffe-id.ts';

test('a SPIFFE ID is taken apart into its trust domain and its path', () => {
  const text = 'spiffe://acme.example/ns/support/sa/Refund_bot-1.2';
  assert.deepEqual(parseSpiffeId(text), { text, trustDomain: 'acme.example', path: '/ns/support/sa/Refund_bot-1.2' });
  assert.equal(parseSpiffeId('spiffe://acme.example')?.path, '');
});

test('a workload has a path', () => {
  assert.equal(parseWorkloadId('spiffe://acme.example'), undefined);
  assert.equal(parseWorkloadId('spiffe://acme.example/x')?.trustDomain, 'acme.example');
});

// SPIFFE-ID §2
const bad = {
  'another scheme': 'https://acme.example/x',
  'a scheme in capitals': 'SPIFFE://acme.example/x',
  'no trust domain': 'spiffe:///x',
  'a trust domain in capitals': 'spiffe://Acme.example/x',
  'a port': 'spiffe://acme.example:8443/x',
  'a user': 'spiffe://ada@acme.example/x',
  'a query': 'spiffe://acme.example/x?y',
  'a fragment': 'spiffe://acme.example/x#y',
  'an escape': 'spiffe://acme.example/%78',
  'an empty segment': 'spiffe://acme.example/a//b',
  'a slash at the end': 'spiffe://acme.example/x/',
  'a dotted segment': 'spiffe://acme.example/a/../b',
  'a letter of another alphabet': 'spiffe://acme.example/\u0430',
  'a line feed': 'spiffe://acme.example/x\n',
  'more than 2048 bytes': `spiffe://acme.example/${'x'.repeat(2048)}`,
};
for (const [name, text] of Object.entries(bad)) {
  test(`what has ${name} is none`, () => assert.equal(parseSpiffeId(text), undefined));
}

test('a trust domain has at most 255 characters', () => {
  assert.equal(isTrustDomain('a'.repeat(255)), true);
  assert.equal(isTrustDomain('a'.repeat(256)), false);
  assert.equal(isTrustDomain(''), false);
});
