// A certificate that says to be another agent: by an authority that may not say so, out of date, or for a neighbour's agent.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AgentId, grantType, parseJson, plainJson } from '@ambit/protocol';
import {
  type CertificateParts,
  selfSigned,
  type TestCertificate,
  testAuthority,
} from '../../src/foundation/http/testing-certificates.ts';
import { pemOf } from '../pem.ts';
import { openTlsHouse, registerNamed, type TlsHouse } from '../tls-house.ts';
import { openUmbra } from './neighbours.ts';

const subject = 'spiffe://acme.example/payroll-bot';
const formed = { 'content-type': 'application/x-www-form-urlencoded' };
let house: TlsHouse;
let victim: AgentId;
before(async () => {
  house = await openTlsHouse();
  victim = await registerNamed(house.alice, 'payroll-bot', subject);
});
after(() => house.close());

type Told = {
  readonly status: number;
  readonly code: string;
  readonly error: string;
  readonly error_description: string;
};

async function logIn(certificate: TestCertificate | null, client_id: string, more: Record<string, string> = {}) {
  const form = new URLSearchParams({ grant_type: grantType.clientCredentials, client_id, ...more });
  const response = await house.over(certificate)(`${house.tls}/oauth/token`, {
    method: 'POST',
    headers: formed,
    body: form.toString(),
  });
  const body = plainJson(parseJson(await response.text())) as Record<string, string>;
  return { ...body, status: response.status } as unknown as Told;
}

async function isRefused(asking: Promise<Told>, code = 'client.certificate_unknown'): Promise<Told> {
  const told = await asking;
  assert.deepEqual([told.status, told.error, told.code], [401, 'invalid_client', code]);
  assert.ok(told.error_description.length > 20, 'it says what to do');
  return told;
}

test('the agent itself gets in, so that the refusals below are about what they say', async () => {
  assert.equal((await logIn(await house.corp.sign({ uris: [subject] }), victim)).status, 200);
});

describe('a certificate whose name lies is refused', () => {
  test('signed by another authority that the plane knows, which was not named for the agent', async () => {
    await isRefused(logIn(await house.partner.sign({ uris: [subject] }), victim));
  });

  test('signed by an authority that nobody named', async () => {
    await isRefused(logIn(await house.stranger.sign({ uris: [subject] }), victim));
  });

  test('signed by an authority that only calls itself like the named one', async () => {
    const namesake = await testAuthority('Corp');
    await isRefused(logIn(await namesake.sign({ uris: [subject] }), victim));
  });

  test('signed by its own key, with the name of the authority or of itself', async () => {
    await isRefused(logIn(await selfSigned({ uris: [subject] }), victim));
    await isRefused(logIn(await selfSigned({ uris: [subject] }, { subject: 'CN=Corp' }), victim));
  });

  test('signed by another agent, whose own certificate the authority did sign', async () => {
    const mallory = await house.corp.sign({ uris: ['spiffe://acme.example/mallory'] }, { subject: 'CN=mallory' });
    const forged = await selfSigned({ uris: [subject] }, { key: mallory.key, subject: 'CN=mallory' });
    await isRefused(logIn({ ...forged, cert: `${forged.cert}\n${mallory.cert}` }, victim));
  });

  test('with the name of another agent, one that only resembles it, several, or none', async () => {
    for (const uris of [
      ['spiffe://acme.example/mallory'],
      [`${subject}/`],
      [subject.toUpperCase()],
      [`${subject}%20`],
      ['spiffe://acme.example.evil/payroll-bot'],
      ['spiffe://acme.example/mallory', subject],
      [],
    ])
      await isRefused(logIn(await house.corp.sign({ uris, dns: ['payroll-bot.example'] }), victim));
  });

  test('with the name where no URI stands: among DNS names, in the subject, or inside another URI', async () => {
    const named: readonly [Parameters<TlsHouse['corp']['sign']>[0], CertificateParts][] = [
      [{ dns: [`x, URI:${subject}`] }, {}],
      [{ uris: [`https://evil.example/, URI:${subject}`] }, {}],
      [{ dns: ['evil.example'] }, { subject: `CN=URI:${subject}` }],
    ];
    for (const [names, parts] of named) await isRefused(logIn(await house.corp.sign(names, parts), victim));
  });
});

test('a certificate that has expired, or does not hold yet, is refused by the plane’s own clock', async () => {
  const [before, soon] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
  const expired = await house.corp.sign({ uris: [subject] }, { notAfter: before });
  await isRefused(logIn(expired, victim), 'client.certificate_expired');
  const early = await house.corp.sign({ uris: [subject] }, { notBefore: soon });
  await isRefused(logIn(early, victim), 'client.certificate_expired');
  const { id, key } = house.refundBot;
  const own = await selfSigned({}, { key: pemOf(key), notAfter: before });
  await isRefused(logIn(own, id), 'client.certificate_expired');
});

test('a certificate that ends while its connection lasts is refused on that connection', async () => {
  const short = await house.corp.sign({ uris: [subject] }, { notAfter: new Date(Date.now() + 5000) });
  const over = house.over(short);
  const form = new URLSearchParams({ grant_type: grantType.clientCredentials, client_id: victim });
  const ask = () => over(`${house.tls}/oauth/token`, { method: 'POST', headers: formed, body: form.toString() });
  const first = await ask();
  assert.equal(first.status, 200, await first.text());
  await new Promise((resolve) => setTimeout(resolve, 5200));
  const later = await ask();
  assert.equal(later.status, 401);
  assert.match(await later.text(), /client\.certificate_expired/);
});
test('the certificate of one agent does not log in another, enrolled key or not', async () => {
  const own = await house.corp.sign({ uris: ['spiffe://acme.example/own-bot'] });
  await registerNamed(house.alice, 'own-bot', 'spiffe://acme.example/own-bot');
  await isRefused(logIn(own, victim));
  const enrolled = await selfSigned({}, { key: pemOf(house.malloryBot.key) });
  assert.equal((await logIn(enrolled, house.malloryBot.id)).status, 200);
  await isRefused(logIn(enrolled, house.refundBot.id));
});

test('a certificate of another organisation’s agent opens nothing here, and its name stands for its own agent there', async () => {
  const { mel } = await openUmbra(house, house.shop.url);
  const theirs = await registerNamed(mel, 'their-bot', subject, 'partner');
  const certificate = await house.partner.sign({ uris: [subject] });
  assert.equal((await logIn(certificate, theirs)).status, 200);
  const told = await isRefused(logIn(certificate, victim));
  const absent = await isRefused(logIn(certificate, `agt_${'0'.repeat(26)}`));
  assert.equal(told.error_description, absent.error_description, 'nobody learns which agents there are');
});

test('a name that was revoked, and an authority that was replaced, let nobody in from then on', async () => {
  const name = 'spiffe://acme.example/short-bot';
  const agent = await registerNamed(house.alice, 'short-bot', name);
  const certificate = await house.corp.sign({ uris: [name] });
  assert.equal((await logIn(certificate, agent)).status, 200);
  const { identities } = await house.alice.operator.agents.show(agent);
  await house.alice.operator.agents.revokeIdentity(agent, identities[0]!.id);
  await isRefused(logIn(certificate, agent));
});

test('one name is registered for one agent, with an authority that there is, and by who owns the agent', async () => {
  const { agents } = house.alice.operator;
  const method = 'tls_client_auth';
  const add = (of: typeof agents, parts: Partial<Parameters<typeof agents.addIdentity>[1]>) =>
    of.addIdentity(house.lookupBot.id, { method, issuer: 'corp', subject: 'spiffe://acme.example/new', ...parts });
  await assert.rejects(add(agents, { subject }), { code: 'identity.taken' });
  await assert.rejects(add(agents, { issuer: 'nobody' }), { code: 'identity.unknown' });
  await assert.rejects(add(agents, { method: 'password' }), { code: 'identity.unknown' });
  await assert.rejects(add(agents, { subject: 'x", URI:spiffe://a' }), { code: 'identity.unknown' });
  await assert.rejects(add(house.bob.operator.agents, {}), { code: 'agent.not_owner' });
});
