import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerCertificate } from '../../foundation/index.ts';
import { elsewhereBecause, requireBound, type Seen } from './binding.ts';

const x5t = 'A'.repeat(43);
const now = 1_000_000;
const certificate = (more: Partial<PeerCertificate> = {}) =>
  ({ thumbprint: x5t, notBefore: now, notAfter: now + 1, ...more }) as PeerCertificate;
const from = (address: string, more: Partial<Seen> = {}): Seen => ({ address, certificate: null, ...more });
const zone = ['203.0.113.0/24', '2001:db8::/32', '10.0.0.0/8'];

test('an address inside one of the networks is inside, in either dress of IPv4', () => {
  for (const address of ['203.0.113.0', '203.0.113.255', '::ffff:203.0.113.7', '::FFFF:10.9.8.7', '2001:db8::1'])
    assert.equal(elsewhereBecause({ x5t: null, zone }, from(address), now), null, address);
});

test('an address beside them is elsewhere, and so is one that cannot be read', () => {
  const odd = ['', 'localhost', '203.0.113.7, 10.0.0.1', '10.0.0.1%eth0', '010.0.0.1', '::ffff:cb00:7107', '::ffff:'];
  for (const address of ['203.0.112.255', '203.0.114.0', '11.0.0.0', '2001:db9::1', '::1', ...odd])
    assert.match(elsewhereBecause({ x5t: null, zone }, from(address), now) ?? 'inside', /came from/, address);
});

test('a zone whose row cannot be read has nobody in it', () => {
  assert.notEqual(elsewhereBecause({ x5t: null, zone: ['everywhere'] }, from('10.0.0.1'), now), null);
  assert.notEqual(elsewhereBecause({ x5t: null, zone: [] }, from('10.0.0.1'), now), null);
});

test('a certificate is that very one, while it holds', () => {
  const bound = { x5t, zone: null };
  const with_ = (more: Partial<PeerCertificate>, at = now) =>
    elsewhereBecause(bound, from('192.0.2.1', { certificate: certificate(more) }), at);
  assert.equal(with_({}), null);
  assert.match(with_({ thumbprint: 'B'.repeat(43) }) ?? '', /certificate B+, from 192\.0\.2\.1/);
  assert.match(elsewhereBecause(bound, from('192.0.2.1'), now) ?? '', /without a certificate/);
  for (const at of [now - 1, now + 1]) assert.match(with_({}, at) ?? '', /does not hold now/, `${at}`);
});

test('of a certificate and a zone both have to fit', () => {
  const bound = { x5t, zone };
  assert.equal(elsewhereBecause(bound, from('10.0.0.1', { certificate: certificate() }), now), null);
  assert.notEqual(elsewhereBecause(bound, from('192.0.2.1', { certificate: certificate() }), now), null);
  assert.notEqual(elsewhereBecause(bound, from('10.0.0.1'), now), null);
});

test('a binding that binds nothing is refused, and says what is wanted', () => {
  const refused = (code: string, says: RegExp) => (error: unknown) =>
    (error as { code: string }).code === code && says.test((error as { says: string }).says);
  const wrong: readonly [Parameters<typeof requireBound>[0], RegExp][] = [
    [{ x5t: null, zone: null }, /certificate or a zone/],
    [{ x5t: `${x5t}=`, zone: null }, /43 characters/],
    [{ x5t: null, zone: [] }, /1 to 16/],
    [{ x5t: null, zone: Array<string>(17).fill('10.0.0.0/8') }, /1 to 16/],
    [{ x5t: null, zone: ['10.0.0.0/7'] }, /too wide|no network/],
    [{ x5t: null, zone: ['8.0.0.0/7'] }, /too wide: at least \/8/],
    [{ x5t: null, zone: ['2001:db8::/31'] }, /too wide: at least \/32/],
    [{ x5t: null, zone: ['10.0.0.1/8'] }, /no network/],
    [{ x5t: null, zone: ['::ffff:10.0.0.0/104'] }, /no network/],
  ];
  for (const [binding, says] of wrong)
    assert.throws(() => requireBound(binding), refused('template_key.unbound', says), JSON.stringify(binding));
  requireBound({ x5t, zone });
  requireBound({ x5t: null, zone: ['203.0.113.7'] });
});
