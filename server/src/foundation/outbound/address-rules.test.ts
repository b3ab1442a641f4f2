import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeAddress, readAddressRules } from './address-rules.ts';
import { canonicalOrigin } from './origin.ts';
import { isOwnAddress, isOwnOrigin } from './own-addresses.ts';

const nothingAllowed = readAddressRules([]);
const origin = 'https://api.example.com';

test('public addresses are reached, also where they are spelled as mapped or translated IPv6', () => {
  for (const address of ['93.184.216.34', '2606:2800:220:1::1', '::ffff:93.184.216.34', '64:ff9b::5db8:d822']) {
    assert.equal(judgeAddress(nothingAllowed, origin, address), null, address);
  }
});

test('addresses that are not of the public internet are refused in every spelling', () => {
  const refused = [
    ...['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'],
    ...['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '::ffff:10.0.0.1', '64:ff9b::a00:1'],
    ...['169.254.1.1', '169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', 'fd00:ec2::254'],
    ...['100.64.0.1', '100.100.100.200', '168.63.129.16', '192.0.0.192', '198.18.0.1', '192.0.2.1', '240.0.0.1'],
    ...['0.0.0.0', '0.1.2.3', '::', '255.255.255.255', '224.0.0.1', 'ff02::1', '::ffff:0.0.0.0'],
    ...['fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd12:3456::1', '64:ff9b:1::5db8:d822'],
    ...['2002:7f00:1::', '2002:5db8:d822::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '::7f00:1', '::127.0.0.1'],
    ...['2001:db8::1', '100::1', '4000::1', '5f00::1', 'not an address', ''],
  ];
  for (const address of refused) assert.notEqual(judgeAddress(nothingAllowed, origin, address), null, address);
});

test('a range on the list allows its addresses and no others', () => {
  const rules = readAddressRules(['10.1.0.0/16', 'fd12::/16']);
  assert.equal(judgeAddress(rules, origin, '10.1.2.3'), null);
  assert.equal(judgeAddress(rules, origin, '::ffff:10.1.2.3'), null);
  assert.equal(judgeAddress(rules, origin, 'fd12::1'), null);
  assert.match(judgeAddress(rules, origin, '10.2.0.1') ?? '', /private/);
  assert.match(judgeAddress(rules, origin, 'fd13::1') ?? '', /uniqueLocal/);
});

test('an origin on the list allows private addresses for that origin alone', () => {
  const rules = readAddressRules(['http://127.0.0.1:8080']);
  assert.equal(judgeAddress(rules, 'http://127.0.0.1:8080', '127.0.0.1'), null);
  assert.match(judgeAddress(rules, 'http://127.0.0.1:8081', '127.0.0.1') ?? '', /loopback/);
  assert.match(judgeAddress(rules, 'https://127.0.0.1:8080', '127.0.0.1') ?? '', /loopback/);
});

test('metadata addresses need a range that names them alone; no list reaches what is no host', () => {
  const wide = readAddressRules(['0.0.0.0/0', '::/0', 'http://metadata.internal']);
  assert.match(judgeAddress(wide, 'http://metadata.internal', '169.254.169.254') ?? '', /metadata/);
  assert.match(judgeAddress(wide, origin, 'fd00:ec2::254') ?? '', /metadata/);
  assert.match(judgeAddress(wide, origin, '0.0.0.0') ?? '', /no host/);
  assert.match(judgeAddress(wide, origin, '224.0.0.1') ?? '', /no host/);
  assert.equal(judgeAddress(readAddressRules(['169.254.169.254/32']), origin, '169.254.169.254'), null);
});

test('a list with an entry that cannot be read stops the start', () => {
  for (const entry of ['10.0.0.0', '10.0.0.0/33', 'localhost', 'http://a/b', 'ftp://a', '']) {
    assert.throws(() => readAddressRules([entry]), /neither a CIDR range/, entry);
  }
});

test('mapping an IPv4 address into IPv6 never changes the verdict', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const mapped = judgeAddress(nothingAllowed, origin, `::ffff:${address}`) === null;
      assert.equal(mapped, judgeAddress(nothingAllowed, origin, address) === null);
    }),
  );
});

test('a wildcard listener is the plane on every address of the machine, on its port only', () => {
  const mine = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((each) => each.address));
  for (const address of [...mine, '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.ok(isOwnAddress(['0.0.0.0:8443'], address, 8443), address);
    assert.ok(isOwnAddress(['[::]:8443'], address, 8443), address);
    assert.ok(!isOwnAddress(['0.0.0.0:8443'], address, 8444), address);
  }
  assert.ok(!isOwnAddress(['0.0.0.0:8443'], '93.184.216.34', 8443));
  assert.ok(isOwnAddress(['127.0.0.1:8443'], '::ffff:127.0.0.1', 8443));
  assert.ok(isOwnOrigin(['https://ambit.example'], 'https://ambit.example'));
  assert.ok(!isOwnOrigin(['https://ambit.example'], 'https://ambit.example:8443'));
});

test('an origin has one spelling', () => {
  assert.equal(canonicalOrigin('HTTPS://API.Example.com:443/'), 'https://api.example.com');
  assert.equal(canonicalOrigin('http://0x7f.1'), 'http://127.0.0.1');
  const none = ['https://a/b', 'https://a?x', 'https://u@a', 'https://a.', 'file:///etc', 'a.example', ''];
  for (const text of none) assert.equal(canonicalOrigin(text), undefined, text);
});
