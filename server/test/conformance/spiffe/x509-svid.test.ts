/** X509-SVID and draft-ietf-oauth-spiffe-client-auth: an agent comes over mutual TLS with what its trust domain signed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AgentId, grantType } from '@ambit/protocol';
import * as oauth from 'oauth4webapi';
import { selfSigned, type TestCertificate } from '../../../src/foundation/http/testing-certificates.ts';
import { order } from '../../house.ts';
import { registerSpiffe, type TestDomain, type Told, testDomain } from '../../spiffe-domain.ts';
import { openTlsHouse, type TlsHouse } from '../../tls-house.ts';
import { discover, insecure, taskDetails } from '../oauth/independent-client.ts';

const subject = 'spiffe://acme.example/refund-bot';
let house: TlsHouse;
let acme: TestDomain;
let other: TestDomain;
let agent: AgentId;
before(async () => {
  house = await openTlsHouse();
  [acme, other] = await Promise.all([testDomain('acme.example'), testDomain('other.example')]);
  const { trustDomains } = house.ada.operator;
  await trustDomains.set(acme.name, { bundle: acme.bundle() });
  await trustDomains.set(other.name, { bundle: other.bundle() });
  agent = await registerSpiffe(house.alice, 'spiffe-bot', subject);
});
after(() => house.close());

async function logIn(certificate: Pick<TestCertificate, 'cert' | 'key'>, client_id = subject): Promise<Told> {
  const response = await house.over(certificate)(`${house.tls}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: grantType.clientCredentials, client_id }).toString(),
  });
  return { ...((await response.json()) as object), status: response.status };
}

async function isRefused(asking: Promise<Told>, code = 'client.certificate_unknown'): Promise<void> {
  const told = await asking;
  assert.deepEqual([told.status, told.error, told.code], [401, 'invalid_client', code]);
}

test('with oauth4webapi: an X.509-SVID and the SPIFFE ID as client_id are enough for a task and a call', async () => {
  const as = await discover(house);
  assert.ok(as.token_endpoint_auth_methods_supported?.includes('spiffe_x509'));
  const over = house.over(await acme.authority.sign({ uris: [subject] }));
  const client: oauth.Client = { client_id: subject, use_mtls_endpoint_aliases: true };
  const options = { [oauth.customFetch]: over, ...insecure } as object;
  const tokenFor = async (parameters: Record<string, string> = {}) => {
    const auth = oauth.TlsClientAuth();
    const response = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, options);
    return (await oauth.processClientCredentialsResponse(as, client, response)).access_token;
  };
  const ask = (token: string, method: string, path: string) =>
    oauth.protectedResourceRequest(token, method, new URL(path, house.tls), undefined, undefined, options);
  const task = await house.openTask({ agent });
  const accepted = await ask(await tokenFor(), 'POST', `/v1/agent/tasks/${task}/accept`);
  assert.equal(accepted.status, 200, await accepted.text());
  const answered = await ask(
    await tokenFor({ authorization_details: taskDetails(task) }),
    'GET',
    `/api/shop/orders/${order}`,
  );
  assert.equal(answered.status, 200, await answered.text());
});

test('client_id may be the agent’s id, and is no other agent’s', async () => {
  const svid = await acme.authority.sign({ uris: [subject] });
  assert.equal((await logIn(svid, agent)).status, 200);
  await isRefused(logIn(svid, house.refundBot.id));
  await isRefused(logIn(svid, 'spiffe://acme.example/somebody-else'));
});

test('an authority between the SVID and the bundle comes along, on every connection anew', async () => {
  const between = await acme.authority.below('Nested');
  const leaf = await between.sign({ uris: [subject] });
  const chain = { cert: `${leaf.cert}${between.cert}`, key: leaf.key };
  assert.equal((await logIn(chain)).status, 200);
  // A session that is taken up again brings the SVID alone, whose way up is known from before.
  assert.equal((await logIn(chain)).status, 200);
  await isRefused(logIn(await between.sign({ uris: [subject] })));
});

describe('what is refused', () => {
  test('an SVID by the other trust domain that the tenant knows', async () => {
    await isRefused(logIn(await other.authority.sign({ uris: [subject] })));
    await isRefused(logIn(await other.authority.sign({ uris: [subject] }), agent));
  });

  test('one by an authority that the listener trusts, which is not of the trust domain', async () => {
    await isRefused(logIn(await house.corp.sign({ uris: [subject] })));
    await isRefused(logIn(await house.corp.sign({ uris: [subject] }), agent));
  });

  test('one that it made itself, also in the name of the authority', async () => {
    await isRefused(logIn(await selfSigned({ uris: [subject] })));
    const name = acme.authority.cert && 'CN=acme.example';
    await isRefused(logIn(await selfSigned({ uris: [subject] }, { subject: name })));
  });

  test('a certificate with two URIs, with none, or with one that is no SPIFFE ID', async () => {
    await isRefused(logIn(await acme.authority.sign({ uris: [subject, 'spiffe://acme.example/b'] })), 'svid.invalid');
    await isRefused(logIn(await acme.authority.sign({ dns: ['acme.example'] })), 'svid.invalid');
    await isRefused(logIn(await acme.authority.sign({ uris: ['https://acme.example/refund-bot'] })), 'svid.invalid');
    await isRefused(logIn(await acme.authority.sign({ uris: ['spiffe://acme.example'] })), 'svid.invalid');
  });

  test('the certificate of an authority: it signs SVIDs and is none', async () => {
    const between = await acme.authority.sign({ uris: [subject] }, { isAuthority: true });
    await isRefused(logIn(between), 'svid.invalid');
  });

  test('one that expired, or begins tomorrow', async () => {
    const day = 86_400_000;
    const at = (days: number) => new Date(Date.now() + days * day);
    const expired = await acme.authority.sign({ uris: [subject] }, { notBefore: at(-2), notAfter: at(-1) });
    await isRefused(logIn(expired), 'client.certificate_expired');
    const early = await acme.authority.sign({ uris: [subject] }, { notBefore: at(1), notAfter: at(2) });
    await isRefused(logIn(early), 'client.certificate_expired');
  });
});
