// A stranger shows a certificate whose times nobody can read, to get past their comparison or to bring the plane down.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type AgentId, grantType } from '@ambit/protocol';
import { selfSigned, type TestCertificate } from '../../src/foundation/http/testing-certificates.ts';
import { openTlsHouse, registerNamed, type TlsHouse } from '../tls-house.ts';

const subject = 'spiffe://acme.example/payroll-bot';
let house: TlsHouse;
let victim: AgentId;
before(async () => {
  house = await openTlsHouse();
  victim = await registerNamed(house.alice, 'payroll-bot', subject);
});
after(() => house.close());

type Pem = Pick<TestCertificate, 'cert' | 'key'>;

/** With the thirteenth month where that time was: its own key still goes with it, and no signature of it is needed. */
function spoilt({ cert, key }: Pem, which: 'notBefore' | 'notAfter'): Pem {
  const der = Buffer.from(new X509Certificate(cert).raw);
  // RFC 5280 §4.1.2.5: both are a UTCTime, of 13 characters.
  const times = [...der.keys()].filter((i) => der[i] === 0x17 && der[i + 1] === 13 && der[i + 14] === 0x5a);
  der.write('991399999999Z', times[which === 'notBefore' ? 0 : 1]! + 2, 'latin1');
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`, key };
}

for (const which of ['notBefore', 'notAfter'] as const) {
  test(`a certificate with an unreadable ${which} holds at no time, and the plane goes on`, async () => {
    const certificate = spoilt(await selfSigned({ uris: [subject] }), which);
    const form = new URLSearchParams({ grant_type: grantType.clientCredentials, client_id: victim });
    const response = await house.over(certificate)(`${house.tls}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    const { code } = JSON.parse(await response.text()) as { code: string };
    assert.deepEqual([response.status, code], [401, 'client.certificate_expired']);
    const honest = await house.over(null)(`${house.tls}/.well-known/oauth-authorization-server`);
    assert.equal(honest.status, 200);
  });
}
