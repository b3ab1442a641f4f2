// OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9207, RFC 9449, against oidc-provider: what comes back, and with what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { acr } from '@ambit/protocol';
import { acrOfCompany, askAs, type OidcHouse, openOidcHouse, sessionOf } from '../../oidc-house.ts';
import { newProofKey } from '../../raw-person.ts';

let at: OidcHouse;
before(async () => {
  at = await openOidcHouse();
  await at.house.ada.operator.persons.register({ name: 'Dana', email: 'dana@acme.example', roles: ['owner'] });
  at.accounts.set('dana', { email: 'dana@acme.example', email_verified: true, name: 'Dana' });
});
after(() => at.close());

const codeOf = async (response: Response) =>
  ((await response.json()) as { type?: string }).type?.replace('urn:ambit:refusal:', '');
async function isRefused(response: Response, code = 'sign_in.refused') {
  assert.equal(await codeOf(response), code);
}
type Me = {
  readonly name: string;
  readonly roles: string[];
  readonly keys: unknown[];
  readonly session: { readonly by: string; readonly acr: string; readonly authenticatedAt: number };
};
const begun = async () => {
  const key = await newProofKey();
  return { key, returned: await at.browse(await at.start(key), 'dana') };
};

test('a person signs in, reads who they are, and signs out; the entry says how and when they proved it', async () => {
  const signed = await at.signIn('dana', { acrValues: acrOfCompany });
  assert.equal(signed.response.status, 201, await signed.response.clone().text());
  assert.equal(signed.response.headers.get('set-cookie'), null);
  const told = (await signed.response.clone().json()) as Record<string, unknown>;
  assert.equal(told.acr, acrOfCompany);
  assert.ok(Math.abs(Number(told.authTime) - Date.now()) < 10_000);
  const session = await sessionOf(signed);
  const dana = askAs(at.house, session);
  const me = (await (await dana('GET', '/v1/me')).json()) as Me;
  assert.deepEqual([me.name, me.roles, me.keys], ['Dana', ['owner'], []]);
  assert.deepEqual(
    [me.session.by, me.session.acr, me.session.authenticatedAt],
    ['provider', acrOfCompany, told.authTime],
  );
  const { session: byKey } = await at.house.alice.operator.me();
  assert.deepEqual([byKey.by, byKey.acr], ['key', acr.enrolledKey]);
  const entry = signed.response.headers.get('ambit-entry') ?? '';
  const { detail } = (await at.house.carol.operator.log.entry(entry as never)) as unknown as {
    detail: { detail: Record<string, unknown> };
  };
  const text = JSON.stringify(detail);
  for (const part of [acrOfCompany, at.issuer, String(told.authTime)]) assert.ok(text.includes(part), text);
  assert.equal((await dana('DELETE', '/v1/sessions/current')).status, 204);
  await isRefused(await dana('GET', '/v1/me'), 'session.invalid');
});

test('the session is of use with the key that began it alone', async () => {
  const { token } = await sessionOf(await at.signIn('dana'));
  const thief = await newProofKey();
  await isRefused(await askAs(at.house, { token, key: thief })('GET', '/v1/me'), 'session.invalid');
});

test('a flow is finished by the key that began it: a stolen answer of the provider opens nothing', async () => {
  const { key, returned } = await begun();
  const before = at.tokenRequests();
  await isRefused(await at.finish(await newProofKey(), returned));
  assert.equal(at.tokenRequests(), before, 'the code was not even shown to the provider');
  assert.equal((await at.finish(key, returned)).status, 201);
});

test('state is one of ours, unchanged, and its ten minutes are not over', async () => {
  const { key, returned } = await begun();
  const before = at.tokenRequests();
  const flipped = `${returned.state.slice(0, -2)}${returned.state.endsWith('A') ? 'BB' : 'AA'}`;
  for (const state of [flipped, 'made-up', `${returned.state}A`])
    await isRefused(await at.finish(key, { ...returned, state }));
  at.passing(601);
  await isRefused(await at.finish(key, returned));
  assert.equal(at.tokenRequests(), before);
});

test('iss is that of the provider (RFC 9207), and is there where the provider promises it', async () => {
  for (const iss of ['https://evil.example', `${at.issuer}/`, undefined]) {
    const { key, returned } = await begun();
    await isRefused(await at.finish(key, { ...returned, iss }));
  }
});

test('a code opens one session, and a flow ends once', async () => {
  const { key, returned } = await begun();
  assert.equal((await at.finish(key, returned)).status, 201);
  await isRefused(await at.finish(key, returned));
  assert.match(at.providerSaid(), /already consumed/);
});

test('one flow that brought two codes opens one session', async () => {
  const key = await newProofKey();
  const url = await at.start(key);
  const [one, other] = [await at.browse(url, 'dana'), await at.browse(url, 'dana')];
  assert.notEqual(one.code, other.code);
  assert.equal((await at.finish(key, one)).status, 201);
  await isRefused(await at.finish(key, other));
});

test('a code that another flow of the same key obtained is refused: its PKCE verifier and nonce are others', async () => {
  const key = await newProofKey();
  const [one, other] = [await at.browse(await at.start(key), 'dana'), await at.browse(await at.start(key), 'dana')];
  await isRefused(await at.finish(key, { ...one, code: other.code }));
  assert.match(at.providerSaid(), /code_verifier does not match/);
});

test('a code for another client of the same provider is refused', async () => {
  const key = await newProofKey();
  const url = new URL(await at.start(key));
  url.searchParams.set('client_id', 'other');
  await isRefused(await at.finish(key, await at.browse(url.href, 'dana')));
  assert.match(at.providerSaid(), /client mismatch/);
});

test('a code that was asked for without our PKCE challenge is refused', async () => {
  const key = await newProofKey();
  const url = new URL(await at.start(key));
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
  url.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  await isRefused(await at.finish(key, await at.browse(url.href, 'dana')));
  assert.match(at.providerSaid(), /code_verifier does not match/);
});

test('what the provider refuses is refused, without its words', async () => {
  const key = await newProofKey();
  const returned = await at.browse(await at.start(key), '');
  assert.equal(returned.error, 'access_denied');
  await isRefused(await at.finish(key, returned));
});

test('nobody begins with a provider that is not there', async () => {
  const key = await newProofKey();
  const url = `${at.house.plane.people}/v1/sign-in/oidc/start`;
  const response = await key.send('POST', url, { body: { provider: 'sip_00000000000000000000' } });
  await isRefused(response, 'thing.not_found');
});

test('a provider is asked through the one door out: what is no place to reach, or another issuer, is none', async () => {
  const key = await newProofKey();
  const url = `${at.house.plane.people}/v1/sign-in/oidc/start`;
  for (const issuer of [
    'https://10.11.12.13',
    at.house.plane.people.replace('http:', 'https:'),
    `${at.issuer}/other`,
  ]) {
    const made = await at.ask('POST', '/v1/sign-in/providers', { name: 'Elsewhere', issuer, clientId: 'x' });
    const { id: provider } = (await made.json()) as { id: string };
    await isRefused(await key.send('POST', url, { body: { provider } }), 'sign_in.provider_failed');
    assert.equal((await at.ask('DELETE', `/v1/sign-in/providers/${provider}`)).status, 200);
  }
});

test('no issuer is taken that is not https, or brings a user, a query or a secret that is not wanted', async () => {
  const wanted = { name: 'Odd', clientId: 'x' };
  for (const more of [
    { issuer: 'http://idp.example' },
    { issuer: 'https://user:pass@idp.example' },
    { issuer: 'https://idp.example?tenant=1' },
    { issuer: 'https://idp.example', clientAuth: 'private_key_jwt', secret: 'x' },
    { issuer: 'https://idp.example', clientAuth: 'client_secret_post' },
    { issuer: 'https://idp.example', creates: [] },
  ]) {
    await isRefused(await at.ask('POST', '/v1/sign-in/providers', { ...wanted, ...more }), 'sign_in.provider_invalid');
  }
});
