import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { selfSigned } from '../foundation/http/testing-certificates.ts';
import { planeItself, Refusal, randomId, readPeerCertificate, refuse } from '../foundation/index.ts';
import { spendProof } from '../identity/index.ts';
import { signProof, type TestKey, testKey } from '../identity/testing.ts';
import type { Issuer } from './issuer.ts';
import { openTokenKeys } from './keys.ts';
import { type Credentials, challenged, schemeOf, verify } from './verify.ts';

const now = Date.UTC(2026, 0, 5, 9, 0, 0);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys = openTokenKeys({ tokens: [{ kid: 'k1', key: privateKey }] });
const issuer: Issuer = {
  url: 'https://gateway.example',
  trustDomain: 'acme.example',
  tls: null,
  clients: [],
  svids: null,
  statusSeconds: 10,
  pick: () => 0,
  ttlSeconds: 300,
  keys: () => keys,
};
const [agent, tenant, task, person] = [randomId('agent'), randomId('tenant'), randomId('task'), randomId('person')];
const key = testKey();

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(claims: object = {}): string {
  const all = {
    ...{
      iss: issuer.url,
      aud: issuer.url,
      sub: person,
      client_id: agent,
      ambit_tenant: tenant,
      jti: randomId('token'),
    },
    ...{ act: { iss: issuer.url, sub: `spiffe://acme.example/agent/${agent}` }, cnf: { jkt: key.thumbprint } },
    ...{ ambit_key: 'a-key', iat: now / 1000, exp: now / 1000 + 300, txn: task },
    mission: { id: task, issuer: issuer.url, authority_hash: 'sha-256:x' },
    ...claims,
  };
  const text = `${part({ typ: 'at+jwt', alg: 'ES256', kid: 'k1' })}.${part(all)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const token = tokenOf();
const proofFor = (of: string, url = `${issuer.url}/api/shop/orders`, signer: TestKey = key) =>
  signProof(signer, { method: 'GET', url, now, token: of });
const sent = (
  authorization: string | undefined,
  proof: string | undefined,
  more: Partial<Credentials> = {},
): Credentials => ({
  method: 'GET',
  url: '/api/shop/orders',
  rawHeaders: [
    ...(authorization === undefined ? [] : ['Authorization', authorization]),
    ...(proof === undefined ? [] : ['DPoP', proof]),
  ],
  tls: null,
  ...more,
});
const check = (credentials: Credentials, tokenFor: 'task' | 'plane' = 'task', at = now) =>
  verify(issuer, credentials, at, { tokenFor, channel: 'gateway' });

test('a token and a fresh proof by its key say who calls, for what, and what has to be spent', () => {
  const found = check(sent(`DPoP ${token}`, proofFor(token)));
  assert.deepEqual(found.caller, {
    ...{ kind: 'agent', tenant, agent, jkt: key.thumbprint, agentKey: 'a-key', token: found.token?.id, task },
    who: {
      ...planeItself,
      // A token of a release that knew agents alone says no kind.
      ...{
        requester: person,
        agent,
        kind: 'agent',
        capacity: 'on-behalf',
        initiator: agent,
        instance: key.thumbprint,
        channel: 'gateway',
        proof: 'dpop',
      },
    },
  });
  assert.equal(found.proof?.jkt, key.thumbprint);
  assert.deepEqual(found.spend, [spendProof(found.proof)]);
  assert.equal(found.isVerified, true);
});

test('the scheme may be written in any letters', () => {
  assert.equal(check(sent(`dpop ${token}`, proofFor(token))).caller.agent, agent);
});

test('a token of a task opens the gateway, one without a task the API of the plane, and neither the other', () => {
  const ofPlane = tokenOf({ aud: `${issuer.url}/v1`, mission: undefined, txn: undefined });
  const { caller } = check(sent(`DPoP ${ofPlane}`, proofFor(ofPlane)), 'plane');
  assert.equal(caller.task, null);
  assert.ok(!('capacity' in caller.who), 'without a task nobody is acted for');
  assert.throws(() => check(sent(`DPoP ${ofPlane}`, proofFor(ofPlane))), { code: 'token.wrong_audience' });
  assert.throws(() => check(sent(`DPoP ${token}`, proofFor(token)), 'plane'), { code: 'token.wrong_audience' });
});

test('a proof is about the origin to which the agent sent the request', () => {
  const origin = 'https://shop.example';
  const proof = proofFor(token, `${origin}/api/shop/orders`);
  assert.equal(check(sent(`DPoP ${token}`, proof, { origin })).caller.agent, agent);
  assert.throws(() => check(sent(`DPoP ${token}`, proof)), { code: 'proof.invalid' });
  assert.throws(() => check(sent(`DPoP ${token}`, proofFor(token), { origin })), { code: 'proof.invalid' });
});

test('a proof of another method, time, token or key is refused', () => {
  const proof = proofFor(token);
  assert.throws(() => check(sent(`DPoP ${token}`, proof, { method: 'POST' })), { code: 'proof.invalid' });
  assert.throws(() => check(sent(`DPoP ${token}`, proof), 'task', now + 60_000), { code: 'proof.stale' });
  assert.throws(() => check(sent(`DPoP ${token}`, proofFor(tokenOf()))), { code: 'proof.invalid' });
  assert.throws(() => check(sent(`DPoP ${token}`, proofFor(token, undefined, testKey()))), {
    code: 'token.other_key',
    because: /^token tok_\w+ is bound to another key$/,
  });
});

test('one Authorization header carries DPoP and one token, nothing else', () => {
  const proof = proofFor(token);
  const odd: [string | undefined, string, string][] = [
    [undefined, 'token.missing', 'no Authorization header came'],
    [`Bearer ${token}`, 'token.bearer_refused', 'a token of a key came under the Bearer scheme'],
    [`bearer ${token}`, 'token.bearer_refused', 'a token of a key came under the Bearer scheme'],
    ...[
      '',
      'DPoP',
      'DPoP ',
      'Basic x',
      `x DPoP ${token}`,
      `DPoP ${token} x`,
      `DPoP bearer ${token}`,
      `DPoP  ${token}`,
    ].map((text): [string, string, string] => [
      text,
      'token.missing',
      'the Authorization header is not DPoP or Bearer and one token',
    ]),
  ];
  for (const [authorization, code, because] of odd)
    assert.throws(() => check(sent(authorization, proof)), { code, because }, authorization);
  const twice = { rawHeaders: ['Authorization', `DPoP ${token}`, 'authorization', `DPoP ${token}`, 'DPoP', proof] };
  assert.throws(() => check(sent(undefined, undefined, twice)), { code: 'request.malformed' });
  assert.throws(() => check(sent(`DPoP ${token}`, undefined)), { code: 'proof.missing' });
});

// ---- tokens of a certificate (RFC 8705)

const peer = readPeerCertificate((await selfSigned()).x509, () => []);
const ofPeer = tokenOf({ cnf: { 'x5t#S256': peer.thumbprint } });
const overTls = { tls: { certificate: peer } };

test('a token of a certificate is good over a connection with it, and there is no proof to spend', () => {
  for (const scheme of ['Bearer', 'bearer']) {
    const found = check(sent(`${scheme} ${ofPeer}`, undefined, overTls));
    assert.deepEqual([found.caller.jkt, found.caller.who.instance], [peer.keyThumbprint, peer.keyThumbprint]);
    assert.equal(found.caller.who.proof, 'mtls');
    assert.equal(found.proof, null);
    assert.deepEqual(found.spend, []);
  }
});

test('a token of a certificate is refused without it, with another, under DPoP, and when it has expired', async () => {
  const other = readPeerCertificate((await selfSigned()).x509, () => []);
  const refuses = (code: string, because: RegExp, credentials: Credentials) =>
    assert.throws(() => check(credentials), { code, because });
  const missing = /^token tok_\w+ came without a certificate$/;
  refuses('token.certificate_missing', missing, sent(`Bearer ${ofPeer}`, undefined));
  refuses('token.certificate_missing', missing, sent(`Bearer ${ofPeer}`, undefined, { tls: { certificate: null } }));
  refuses(
    'token.other_certificate',
    /^token tok_\w+ is bound to another certificate$/,
    sent(`Bearer ${ofPeer}`, undefined, { tls: { certificate: other } }),
  );
  refuses(
    'token.other_certificate',
    /^token tok_\w+ came under the DPoP scheme$/,
    sent(`DPoP ${ofPeer}`, proofFor(ofPeer), overTls),
  );
  const until = (notAfter: number) =>
    sent(`Bearer ${ofPeer}`, undefined, { tls: { certificate: { ...peer, notAfter } } });
  refuses('token.other_certificate', /^the certificate of tok_\w+ has expired$/, until(now));
  assert.equal(check(until(now + 1)).caller.agent, agent);
});

test('the scheme of a caller is the one its token came under', () => {
  assert.equal(schemeOf(check(sent(`Bearer ${ofPeer}`, undefined, overTls)).caller), 'Bearer');
  assert.equal(schemeOf(check(sent(`DPoP ${token}`, proofFor(token))).caller), 'DPoP');
  assert.equal(schemeOf({ who: { ...planeItself, proof: 'template-key' } }), 'Bearer');
});

// ---- challenges

function challengeOf(credentials: Credentials): string | undefined {
  try {
    check(credentials);
  } catch (error) {
    return (error as Refusal).headers['www-authenticate'];
  }
  return assert.fail('it was taken');
}
const metadata = `resource_metadata="${issuer.url}/.well-known/oauth-protected-resource"`;
const algs = `algs="ES256 EdDSA Ed25519", ${metadata}`;

test('a 401 carries the challenge that names what was wrong, and no error where nothing came', () => {
  assert.equal(challengeOf(sent(undefined, undefined)), `DPoP ${algs}`);
  assert.equal(challengeOf(sent(`Bearer ${token}`, undefined)), `DPoP error="invalid_token", ${algs}`);
  assert.equal(challengeOf(sent('DPoP a.b.c', proofFor(token))), `DPoP error="invalid_token", ${algs}`);
  assert.equal(challengeOf(sent(`DPoP ${token}`, 'a.b.c')), `DPoP error="invalid_dpop_proof", ${algs}`);
});

test('who has to come with a certificate, or came with one, hears the Bearer scheme, and no algorithms of proofs', () => {
  const bearer = `Bearer error="invalid_token", ${metadata}`;
  assert.equal(challengeOf(sent(`Bearer ${ofPeer}`, undefined)), bearer);
  assert.equal(challengeOf(sent(`DPoP ${ofPeer}`, proofFor(ofPeer), overTls)), bearer);
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    assert.equal(challengeOf(sent(`${scheme} a.b.c`, undefined, overTls)), bearer);
    assert.equal(challengeOf(sent(`${scheme} a.b.c d`, undefined, overTls)), bearer);
  }
  const dpop = `DPoP error="invalid_token", ${algs}`;
  assert.equal(challengeOf(sent('Bearer a.b.c', undefined)), dpop);
  assert.equal(challengeOf(sent('DPoP a.b.c', undefined, overTls)), dpop);
  assert.equal(challengeOf(sent(`Bearer ${token}`, undefined, overTls)), dpop);
  assert.equal(challengeOf(sent(undefined, undefined, overTls)), `DPoP ${algs}`);
});

test('a challenge says how fresh a sign-in has to be, and what a 403 wants, in characters that may stand there', () => {
  const challengeIn = (refusal: Refusal, scheme: 'DPoP' | 'Bearer' = 'Bearer') =>
    challenged(refusal, scheme, 'https://p.example/m').headers['www-authenticate'];
  const rest = 'resource_metadata="https://p.example/m"';
  const members = { acr_values: 'phr', max_age: 60 };
  assert.equal(
    challengeIn(new Refusal('authentication.too_old', 'why', 'Sign in.', {}, { max_age: 60 })),
    `Bearer error="insufficient_user_authentication", max_age="60", ${rest}`,
  );
  assert.equal(
    challengeIn(new Refusal('authentication.too_old', 'why', 'Sign in.', {}, members)),
    `Bearer error="insufficient_user_authentication", acr_values="phr", max_age="60", ${rest}`,
  );
  assert.equal(
    challengeIn(refuse('authority.not_covered', 'why', 'Not "100" \\ 200 ≤ 300\u0007, 400 €~!')),
    `Bearer error="insufficient_scope", error_description="Not '100' ? 200 ? 300?, 400 ?~!", ${rest}`,
  );
  assert.equal(challengeIn(refuse('token.missing', 'why')), `Bearer error="invalid_token", ${rest}`);
  assert.equal(challengeIn(refuse('authority.beyond_ceiling', 'why')), undefined, 'no scope would help');
});

test('a refusal that brings its own challenge keeps it', () => {
  const own = refuse('token.invalid', 'why', 'Do this.', { 'www-authenticate': 'Basic' });
  assert.equal(challenged(own, 'DPoP', 'https://p.example/m'), own);
});

test('the challenge leaves the rest of a refusal as it is, and all else alone', () => {
  const { code, because, says, headers } = challenged(
    refuse('token.invalid', 'why', 'Do this.', { 'x-more': 'kept' }),
    'DPoP',
    'https://p.example/m',
  );
  assert.deepEqual(
    { code, because, says, more: headers['x-more'] },
    {
      code: 'token.invalid',
      because: 'why',
      says: 'Do this.',
      more: 'kept',
    },
  );
  // RFC 6750 §3.1 has no word for a client that is not known.
  const unknown = challenged(refuse('assertion.invalid', 'why'), 'DPoP', 'https://p.example/m');
  assert.match(unknown.headers['www-authenticate']!, /^DPoP error="invalid_token", /);
  const other = refuse('request.malformed', 'why');
  assert.equal(challenged(other, 'DPoP', 'https://p.example/m'), other);
});

test('a fault of the plane itself is no refusal', () => {
  const fault = new Error('the keys cannot be read');
  const broken: Issuer = {
    ...issuer,
    keys: () => {
      throw fault;
    },
  };
  const options = { tokenFor: 'task', channel: 'gateway' } as const;
  assert.throws(
    () => verify(broken, sent(`DPoP ${token}`, proofFor(token)), now, options),
    (error) => error === fault,
  );
});
