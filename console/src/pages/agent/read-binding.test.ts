import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBinding } from './read-binding.ts';

const pem = (bytes: string) => `-----BEGIN CERTIFICATE-----\n${btoa(bytes)}\n-----END CERTIFICATE-----\n`;

test('a key is bound to networks, to a certificate, or to both', async () => {
  assert.deepEqual(await readBinding('', ' 10.0.0.0/8, 203.0.113.0/24\n'), {
    bound: { x5t: null, zone: ['10.0.0.0/8', '203.0.113.0/24'] },
  });
  const x5t = 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0';
  assert.deepEqual(await readBinding(pem('abc'), ''), { bound: { x5t, zone: null } });
  assert.deepEqual(await readBinding(pem('abc'), '10.0.0.0/8'), { bound: { x5t, zone: ['10.0.0.0/8'] } });
});

test('a key that is bound to nothing is not made, and no private key is sent', async () => {
  const fault = async (text: string, networks = '') => {
    const read = await readBinding(text, networks);
    return 'fault' in read ? read.fault : assert.fail(JSON.stringify(read));
  };
  assert.match(await fault('  '), /copies it/);
  assert.match(await fault(`${pem('a')}-----BEGIN PRIVATE KEY-----`, '10.0.0.0/8'), /private key/);
  for (const odd of ['abc', pem('a') + pem('b'), '-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----'])
    assert.match(await fault(odd, '10.0.0.0/8'), /no single certificate/);
});
