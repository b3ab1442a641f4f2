// A token that is bound to a certificate, in other hands: another certificate, none, plain HTTP, a header that claims one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AgentId, grantType, type TaskId, tokenType } from '@ambit/protocol';
import { selfSigned, type TestCertificate } from '../../src/foundation/http/testing-certificates.ts';
import { only, order } from '../house.ts';
import { pemOf } from '../pem.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { openTlsHouse, registerNamed, type TlsHouse } from '../tls-house.ts';
import { refused } from './witness.ts';

const subject = 'spiffe://acme.example/refund-bot';
const path = `/api/shop/orders/${order}`;
let house: TlsHouse;
let agent: AgentId;
let certificate: TestCertificate;
let task: TaskId;
let token: string;
let plane: string;
let thief: RawAgent;
before(async () => {
  house = await openTlsHouse();
  agent = await registerNamed(house.alice, 'bound-bot', subject);
  certificate = await house.corp.sign({ uris: [subject] });
  task = await house.openTask({ agent });
  plane = await tokenBy(certificate, {});
  const accepted = await send(certificate, `/v1/agent/tasks/${task}/accept`, plane, { method: 'POST' });
  assert.equal(accepted.status, 200, await accepted.text());
  token = await tokenBy(certificate, { authorization_details: forTask() });
  thief = await rawAgent(house, house.malloryBot);
});
after(() => house.close());

const forTask = () => JSON.stringify([{ type: 'ambit_task', identifier: task }]);

async function askFor(
  by: TestCertificate | null,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const form = { grant_type: grantType.clientCredentials, client_id: agent, ...parameters };
  return house.over(by)(`${house.tls}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  });
}

async function tokenBy(by: TestCertificate, parameters: Record<string, string>): Promise<string> {
  const { access_token: text } = (await (await askFor(by, parameters)).json()) as { readonly access_token: string };
  return text;
}

type Parts = { readonly method?: string; readonly headers?: Record<string, string>; readonly scheme?: string };

const send = (
  by: TestCertificate | null,
  at: string,
  of: string,
  { method = 'GET', headers = {}, scheme = 'Bearer' }: Parts = {},
) => house.over(by)(`${house.tls}${at}`, { method, headers: { authorization: `${scheme} ${of}`, ...headers } });

/** Every door that takes a token of an agent, with the token that it takes. */
const doors: readonly (readonly [string, () => string, () => string, string])[] = [
  ['the gateway', () => path, () => token, 'GET'],
  ['the API of the task', () => `/v1/agent/tasks/${task}/complete`, () => token, 'POST'],
  ['the API for agents', () => '/v1/agent/tasks', () => plane, 'GET'],
];

test('with its certificate the token is good at every door, so that the refusals below are about what they say', async () => {
  for (const [, at, of] of [doors[0]!, doors[2]!]) {
    const answered = await send(certificate, at(), of());
    assert.equal(answered.status, 200, await answered.text());
  }
});

for (const [name, at, of, method] of doors) {
  describe(`at ${name}`, () => {
    test('another certificate is refused: one of another agent, one that the thief made, and a new one of the same agent', async () => {
      for (const by of [
        await house.corp.sign({ uris: ['spiffe://acme.example/mallory'] }),
        await selfSigned({ uris: [subject] }),
        await house.corp.sign({ uris: [subject] }, { key: certificate.key }),
      ]) {
        const answer = await send(by, at(), of(), { method });
        assert.match(
          answer.headers.get('www-authenticate') ?? '',
          /^Bearer error="invalid_token", resource_metadata="/,
        );
        await refused(answer, 'token.other_certificate');
      }
    });

    test('no certificate, and plain HTTP, are refused under either scheme', async () => {
      await refused(await send(null, at(), of(), { method }), 'token.certificate_missing');
      for (const scheme of ['Bearer', 'DPoP', 'bearer']) {
        const headers = { authorization: `${scheme} ${of()}` };
        const answer = await fetch(house.plane.agents + at(), { method, headers });
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token"/);
        await refused(answer, 'token.certificate_missing');
      }
    });

    test('a proof by whatever key is no way around the certificate', async () => {
      const proof = await thief.proof(method, `${house.plane.agents}${at()}`, { token: of() });
      const plain = { method, headers: { authorization: `DPoP ${of()}`, dpop: proof } };
      await refused(await fetch(house.plane.agents + at(), plain), 'token.certificate_missing');
      const over = await thief.proof(method, `${house.tls}${at()}`, { token: of() });
      const encrypted = await send(null, at(), of(), { method, scheme: 'DPoP', headers: { dpop: over } });
      await refused(encrypted, 'token.certificate_missing');
      await refused(await send(certificate, at(), of(), { method, scheme: 'DPoP' }), 'token.other_certificate');
    });

    test('what a header says of a certificate is nobody’s word', async () => {
      const der = certificate.x509.raw.toString('base64');
      for (const headers of [
        { 'client-cert': `:${der}:` },
        { 'client-cert': `:${der}:`, 'client-cert-chain': `:${der}:` },
        { 'x-client-cert': encodeURIComponent(certificate.cert), 'x-ssl-client-verify': 'SUCCESS' },
        { 'ssl-client-cert': encodeURIComponent(certificate.cert) },
        { 'x-forwarded-client-cert': `Hash=${certificate.x509.fingerprint256.replaceAll(':', '')};URI=${subject}` },
        { 'x-forwarded-proto': 'https', 'x-forwarded-tls-client-cert': der },
      ] as readonly Record<string, string>[]) {
        const sent = { method, headers: { authorization: `Bearer ${of()}`, ...headers } };
        await refused(await fetch(house.plane.agents + at(), sent), 'token.certificate_missing');
        await refused(await send(null, at(), of(), { method, headers }), 'token.certificate_missing');
      }
    });
  });
}

test('a header logs nobody in at the token endpoint either', async () => {
  const headers = { 'client-cert': `:${certificate.x509.raw.toString('base64')}:` };
  const over = await askFor(null, {}, headers);
  assert.deepEqual([over.status, ((await over.json()) as { error: string }).error], [400, 'invalid_dpop_proof']);
});

test('the thief’s own certificate gets no token of the task, and exchanges none', async () => {
  const mallory = await selfSigned({}, { key: pemOf(house.malloryBot.key) });
  const own = { client_id: house.malloryBot.id };
  assert.equal((await askFor(mallory, own)).status, 200, 'the thief is an agent too');
  assert.equal((await askFor(mallory, { ...own, authorization_details: forTask() })).status, 400);
  const exchange = {
    grant_type: grantType.tokenExchange,
    subject_token: token,
    subject_token_type: tokenType.accessToken,
    authorization_details: JSON.stringify([only('shop:orders.get', 'path.orderId', order)]),
    ambit_purpose: 'Take it over.',
  };
  for (const [by, client] of [
    [mallory, own],
    [await house.corp.sign({ uris: [subject] }), {}],
    [await house.corp.sign({ uris: [subject] }, { key: certificate.key }), {}],
  ] as const) {
    const answer = await askFor(by, { ...exchange, ...client });
    const { error, code } = (await answer.json()) as { readonly error: string; readonly code: string };
    assert.deepEqual([answer.status, error, code], [400, 'invalid_request', 'exchange.subject_invalid']);
  }
});

test('introspection tells an agent of a bound token over its certificate only, and the thief nothing', async () => {
  const ask = async (by: TestCertificate, client_id: AgentId) => {
    const body = new URLSearchParams({ client_id, token }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return (await house.over(by)(`${house.tls}/oauth/introspect`, { method: 'POST', headers, body })).json();
  };
  assert.equal(((await ask(certificate, agent)) as { active: boolean }).active, true);
  assert.deepEqual(await ask(await house.corp.sign({ uris: [subject] }), agent), { active: false });
  const mallory = await selfSigned({}, { key: pemOf(house.malloryBot.key) });
  assert.deepEqual(await ask(mallory, house.malloryBot.id), { active: false });
});

test('an actor token that names a certificate logs nobody in with another one', async () => {
  const actor = await rawAgent(house, house.lookupBot);
  const named = await actor.assertion({ cnf: { 'x5t#S256': certificate.thumbprint } });
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const parameters = { client_id: house.lookupBot.id, client_assertion_type: type, client_assertion: named };
  const answer = await askFor(await selfSigned(), parameters);
  const { error, code } = (await answer.json()) as { readonly error: string; readonly code: string };
  assert.deepEqual([answer.status, error, code], [401, 'invalid_client', 'assertion.invalid']);
});

test('the certificate of the proxy that asks is not the agent’s', async () => {
  const { secret } = await house.ada.operator.points.register({ name: 'edge', kind: 'auth-request' });
  assert.ok(secret);
  const headers = {
    'ambit-point': secret,
    'ambit-api': 'shop',
    'x-original-method': 'GET',
    'x-original-url': `https://shop.example${path}`,
  };
  const answer = await send(certificate, '/auth-request', token, { headers });
  assert.equal(answer.status, 401);
  assert.match(await answer.text(), /token\.certificate_missing/);
});
