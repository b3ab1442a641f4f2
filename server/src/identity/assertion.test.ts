import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { checkAssertion, readAssertion } from './assertion.ts';
import { openKey, readPublicKey } from './key.ts';
import { signAssertion, testKey } from './testing.ts';

const now = Date.UTC(2026, 0, 5, 9, 0, 0);
const issuer = 'https://ambit.example';
const rules = { issuer, now, lifeSecondsMax: 300 };
const key = testKey('EdDSA');
const about = { subject: 'agt_one', issuer, now };

const check = (text: string, over: Partial<typeof rules> = {}) =>
  checkAssertion(readAssertion(text), openKey(key.jwk), { ...rules, ...over });

test('an assertion that holds names its subject, key, jti and end', () => {
  const text = signAssertion(key, about, { jti: 'one' });
  const claimed = readAssertion(text);
  assert.equal(claimed.subject, 'agt_one');
  assert.equal(claimed.kid, key.thumbprint);
  assert.deepEqual(check(text), { jti: 'one', expiresAt: now + 60_000, confirmed: null });
  const confirming = (cnf: object) => check(signAssertion(key, about, { cnf })).confirmed;
  assert.deepEqual(confirming({ jkt: 'abc' }), { jkt: 'abc', x5t: null });
  assert.deepEqual(confirming({ 'x5t#S256': 'def' }), { jkt: null, x5t: 'def' });
});

test('an assertion of another implementation holds', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const read = readPublicKey(await exportJWK(publicKey));
  const text = await new SignJWT({ jti: 'x' })
    .setProtectedHeader({ alg: 'ES256', kid: read.thumbprint })
    .setIssuer('agt_one')
    .setSubject('agt_one')
    .setAudience(issuer)
    .setIssuedAt(now / 1000)
    .setExpirationTime(now / 1000 + 60)
    .sign(privateKey);
  assert.equal(checkAssertion(readAssertion(text), read, rules).jti, 'x');
});

test('the audience is the issuer as one string, and nothing else', () => {
  for (const aud of [
    `${issuer}/`,
    `${issuer}/oauth/token`,
    [issuer],
    [issuer, 'https://other.example'],
    undefined,
    null,
    '',
  ]) {
    assert.throws(() => check(signAssertion(key, about, { aud })), { code: 'assertion.invalid' });
  }
});

test('issuer and subject are one, and both are there', () => {
  for (const claims of [
    { iss: 'agt_two' },
    { sub: 'agt_two' },
    { iss: undefined },
    { sub: undefined },
    { sub: 5, iss: 5 },
  ]) {
    assert.throws(() => check(signAssertion(key, about, claims)), { code: 'assertion.invalid' });
  }
});

test('an assertion is refused when expired, from the future, or made to live long', () => {
  assert.throws(() => check(signAssertion(key, about), { now: now + 60_000 }), {
    code: 'assertion.stale',
    values: { until: now + 60_000 },
  });
  assert.throws(() => check(signAssertion(key, about), { now: now - 6_000 }), { code: 'assertion.stale' });
  assert.throws(() => check(signAssertion(key, about, { nbf: now / 1000 + 30 })), { code: 'assertion.stale' });
  assert.throws(() => check(signAssertion(key, { ...about, seconds: 301 })), {
    code: 'assertion.stale',
    says: 'Let the assertion live at most 300 seconds.',
  });
});

test('times and the jti must be there', () => {
  for (const name of ['exp', 'iat', 'jti']) {
    assert.throws(() => check(signAssertion(key, about, { [name]: undefined })), { code: 'assertion.invalid' });
  }
});

test('times are held to the second', () => {
  const refusedAs = (because: RegExp, text: string, over: Partial<typeof rules> = {}) =>
    assert.throws(() => check(text, over), { code: 'assertion.stale', because });
  const seconds = now / 1000;
  assert.ok(check(signAssertion(key, about), { now: now + 59_999 }));
  assert.ok(check(signAssertion(key, about), { now: now - 5_000 }));
  assert.ok(check(signAssertion(key, about, { nbf: seconds + 5 })));
  assert.ok(check(signAssertion(key, { ...about, seconds: 300 })));
  refusedAs(/^exp is \d+, the time is \d+$/, signAssertion(key, about), { now: now + 60_000 });
  refusedAs(/^iat or nbf lies in the future$/, signAssertion(key, about, { nbf: seconds + 6 }));
  refusedAs(/^iat or nbf lies in the future$/, signAssertion(key, about, { iat: seconds + 6, nbf: seconds - 1 }));
  refusedAs(/^it lives too long$/, signAssertion(key, about, { exp: seconds + 301 }));
});

test('the key that it is meant for is an object with a thumbprint, where there is one', () => {
  for (const cnf of [null, 'abc', ['abc'], 5, true])
    assert.throws(() => check(signAssertion(key, about, { cnf })), {
      code: 'assertion.invalid',
      because: 'cnf is not an object',
    });
  for (const cnf of [{ jkt: 5 }, { jkt: '' }, { jkt: '', 'x5t#S256': 'def' }])
    assert.throws(() => check(signAssertion(key, about, { cnf })), {
      code: 'assertion.invalid',
      because: /the claim jkt/,
    });
  for (const cnf of [{}, { kid: 'abc' }])
    assert.throws(() => check(signAssertion(key, about, { cnf })), {
      code: 'assertion.invalid',
      because: 'cnf names neither a key nor a certificate',
    });
});

test('what is refused says why, for the log', () => {
  const invalid = (because: RegExp, text: string) =>
    assert.throws(() => check(text), { code: 'assertion.invalid', because });
  invalid(/compact JWS/, 'no.token');
  invalid(/typ is not that of an assertion/, signAssertion(key, about, {}, { typ: 'at+jwt' }));
  invalid(/iss and sub differ/, signAssertion(key, about, { iss: 'agt_two' }));
  invalid(/the claim sub is missing/, signAssertion(key, about, { iss: undefined, sub: undefined }));
  invalid(/the claim kid is missing/, signAssertion(key, about, {}, { kid: undefined }));
  invalid(/the claim alg is missing/, signAssertion(key, about, {}, { alg: undefined }));
  invalid(/the signature is not that of the named key/, signAssertion(testKey('EdDSA'), about));
  invalid(/aud is not exactly https:\/\/ambit\.example/, signAssertion(key, about, { aud: 'x' }));
  invalid(/the claim exp is missing/, signAssertion(key, about, { exp: 'soon' }));
  invalid(/the claim iat is missing/, signAssertion(key, about, { iat: null }));
  invalid(/the claim nbf is missing/, signAssertion(key, about, { nbf: 'soon' }));
  invalid(/the claim jti is missing/, signAssertion(key, about, { jti: '' }));
});

test('another key, algorithm or type is refused', () => {
  assert.throws(() => check(signAssertion(testKey('EdDSA'), about)), { code: 'assertion.invalid' });
  assert.throws(() => check(signAssertion(key, about, {}, { alg: 'none' })), { code: 'assertion.invalid' });
  assert.throws(() => check(signAssertion(key, about, {}, { kid: undefined })), { code: 'assertion.invalid' });
  for (const typ of ['at+jwt', 'dpop+jwt', '']) {
    assert.throws(() => check(signAssertion(key, about, {}, { typ })), { code: 'assertion.invalid' });
  }
});
