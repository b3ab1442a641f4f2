// OpenID Connect Core 1.0 §3.1.3.7: an ID token that is anything but the provider's, for us, for this flow and now opens nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type OidcHouse, openOidcHouse } from '../../oidc-house.ts';
import { newProofKey } from '../../raw-person.ts';

let at: OidcHouse;
before(async () => {
  at = await openOidcHouse({ creates: [] });
  at.accounts.set('dana', { email: 'dana@acme.example', email_verified: true, name: 'Dana' });
});
after(() => at.close());

type Answer = Record<string, unknown> & { id_token?: string };
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (token = '', at = 0) =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>;

async function isRefusedWith(how: (answer: Answer) => Promise<Answer>) {
  let rewritten = 0;
  at.rewrite(async (answer) => {
    rewritten += 1;
    return how(answer);
  });
  const { response } = await at.signIn('dana');
  at.rewrite(null);
  assert.equal(rewritten, 1, 'the provider gave tokens, and they were changed on their way');
  const { code } = (await response.json()) as { code: string };
  assert.deepEqual([response.status, code], [401, 'sign_in.refused']);
}

test('the honest one opens a session', async () => {
  assert.equal((await at.signIn('dana')).response.status, 201);
});

test('one without a signature is refused', () =>
  isRefusedWith(async (answer) => {
    const [, claims] = (answer.id_token ?? '').split('.');
    return { ...answer, id_token: `${part({ alg: 'none' })}.${claims}.` };
  }));

test('one that another key signed is refused, whatever kid and key it names', () =>
  isRefusedWith(async (answer) => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const header = { alg: 'RS256', kid: 'company', jwk: await exportJWK(publicKey) };
    const id_token = await new SignJWT(read(answer.id_token, 1)).setProtectedHeader(header).sign(privateKey);
    return { ...answer, id_token };
  }));

test('one that the public key signed as a shared secret is refused', () =>
  isRefusedWith(async (answer) => {
    const keys = await (await fetch(`${at.issuer}/jwks`)).text();
    const header = { alg: 'HS256', kid: 'company' };
    const id_token = await new SignJWT(read(answer.id_token, 1)).setProtectedHeader(header).sign(Buffer.from(keys));
    return { ...answer, id_token };
  }));

test('one whose claims were changed under the signature is refused', () =>
  isRefusedWith(async (answer) => {
    const [header, , signature] = (answer.id_token ?? '').split('.');
    return { ...answer, id_token: `${header}.${part({ ...read(answer.id_token, 1), sub: 'ada' })}.${signature}` };
  }));

test('one of an earlier sign-in is refused: its nonce is another', async () => {
  let earlier = '';
  at.rewrite(async (answer) => {
    earlier = String(answer.id_token);
    return answer;
  });
  assert.equal((await at.signIn('dana')).response.status, 201);
  await isRefusedWith(async (answer) => ({ ...answer, id_token: earlier }));
});

test('one for a nonce that somebody else chose is refused', async () => {
  const key = await newProofKey();
  const url = new URL(await at.start(key));
  url.searchParams.set('nonce', 'of-mallory');
  const response = await at.finish(key, await at.browse(url.href, 'dana'));
  assert.equal(((await response.json()) as { code: string }).code, 'sign_in.refused');
});

test('no answer without one is taken', () => isRefusedWith(async ({ id_token: _left, ...answer }) => answer));

test('one that says nothing of when, or too long ago, is refused where a fresh proof was asked for', async () => {
  const key = await newProofKey();
  const url = new URL(await at.start(key, { maxAgeSeconds: 60 }));
  url.searchParams.delete('max_age');
  const response = await at.finish(key, await at.browse(url.href, 'dana'));
  assert.equal(((await response.json()) as { code: string }).code, 'sign_in.refused');
  assert.equal((await at.signIn('dana', { maxAgeSeconds: 60 })).response.status, 201);
});
