import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { planeItself, randomId, refuse } from '../foundation/index.ts';
import { spendProof } from '../identity/index.ts';
import { signProof, type TestKey, testKey } from '../identity/testing.ts';
import type { Issuer } from './issuer.ts';
import { openTokenKeys } from './keys.ts';
import { type Credentials, challenged, verify } from './verify.ts';

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
    ...{ kind: 'agent', tenant, agent, jkt: key.thumbprint, agentKey: 'a-key', token: found.token.id, task },
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
  assert.equal(check(sent(`DPoP ${ofPlane}`, proofFor(ofPlane)), 'plane').caller.task, null);
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

test('a 401 carries the challenge that names what was wrong, and no error where nothing came', () => {
  const challengeOf = (credentials: Credentials): string | undefined => {
    try {
      check(credentials);
    } catch (error) {
      return (error as { headers: Record<string, string> }).headers['www-authenticate'];
    }
    return assert.fail('it was taken');
  };
  const algs = `algs="ES256 EdDSA Ed25519", resource_metadata="${issuer.url}/.well-known/oauth-protected-resource"`;
  assert.equal(challengeOf(sent(undefined, undefined)), `DPoP ${algs}`);
  assert.equal(challengeOf(sent(`Bearer ${token}`, undefined)), `DPoP error="invalid_token", ${algs}`);
  assert.equal(challengeOf(sent('DPoP a.b.c', proofFor(token))), `DPoP error="invalid_token", ${algs}`);
  assert.equal(challengeOf(sent(`DPoP ${token}`, 'a.b.c')), `DPoP error="invalid_dpop_proof", ${algs}`);
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
