import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { randomId } from '../foundation/index.ts';
import { openTokenKeys } from './keys.ts';
import { type TokenRules, verifyToken } from './verify-token.ts';

const issuer = 'https://ambit.example';
const now = Date.UTC(2026, 0, 5, 9, 0, 0);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const tokens = [{ kid: 'k1', key: privateKey }];
const [agent, tenant, task] = [randomId('agent'), randomId('tenant'), randomId('task')];

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const goodHeader = { typ: 'at+jwt', alg: 'ES256', kid: 'k1' };
const goodClaims = () => ({
  iss: issuer,
  aud: issuer,
  sub: randomId('person'),
  client_id: agent,
  ambit_tenant: tenant,
  act: { iss: issuer, sub: `spiffe://acme.example/agent/${agent}`, sub_profile: 'ai_agent' },
  cnf: { jkt: 'a-thumbprint' },
  ambit_key: 'a-key',
  jti: randomId('token'),
  iat: now / 1000,
  exp: now / 1000 + 300,
  mission: { id: task, issuer, authority_hash: 'sha-256:x' },
  txn: task,
});

function signed(claims: object = {}, header: object = {}, key = privateKey): string {
  const text = `${part({ ...goodHeader, ...header })}.${part({ ...goodClaims(), ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const rules = (more: Partial<TokenRules> = {}): TokenRules => ({
  keys: openTokenKeys({ tokens }),
  issuer,
  audience: issuer,
  now,
  ...more,
});

test('a token says whom it is for, which key it is bound to and which task it serves', () => {
  const token = verifyToken(signed(), rules());
  assert.deepEqual(
    { agent: token.agent, tenant: token.tenant, task: token.task, run: token.run, jkt: token.jkt, key: token.agentKey },
    { agent, tenant, task, run: task, jkt: 'a-thumbprint', key: 'a-key' },
  );
  assert.equal(token.expiresAt, now + 300_000);
});

test('where it is only asked what a token says, it may be for anything', () => {
  assert.equal(verifyToken(signed({ aud: 'https://shop.example' }), rules({ audience: null })).agent, agent);
});

test('a token is bound to a key or to a certificate', () => {
  const bound = (cnf: object) => {
    const { jkt, x5t } = verifyToken(signed({ cnf }), rules());
    return { jkt, x5t };
  };
  assert.deepEqual(bound({ jkt: 'a-key' }), { jkt: 'a-key', x5t: null });
  assert.deepEqual(bound({ 'x5t#S256': 'a-certificate' }), { jkt: null, x5t: 'a-certificate' });
});

test('a token names the person who asked, the mission, and every actor before the current one', () => {
  const person = randomId('person');
  const first = { iss: issuer, sub: 'spiffe://acme.example/agent/first' };
  const act = { iss: issuer, sub: 'spiffe://acme.example/agent/second', sub_profile: 'ai_agent', act: first };
  const mission = { id: task, issuer, authority_hash: 'sha-256:x' };
  const token = verifyToken(signed({ sub: person, act, mission, unknown: 1 }), rules());
  assert.equal(token.requester, person);
  assert.deepEqual(token.mission, mission);
  assert.deepEqual(token.actor, act);
  assert.equal(token.issuedAt, now);
});

test('a token says what kind of workload it is for: an agent where it says nothing, and none that is not known', () => {
  const kindIn = (client_profile?: unknown) => verifyToken(signed({ client_profile }), rules()).kind;
  assert.deepEqual(['ai_agent', 'service', 'partner', 'user'].map(kindIn), ['agent', 'service', 'partner', 'client']);
  assert.equal(kindIn(undefined), 'agent');
  for (const odd of ['agent', 'AI_AGENT', '', null, 7, ['service'], 'constructor'])
    assert.throws(() => kindIn(odd), /token\.invalid.*client_profile/, String(odd));
});

test('a token without a mission is of no task and no run', () => {
  const { task: none, run, mission } = verifyToken(signed({ mission: undefined, txn: undefined }), rules());
  assert.deepEqual([none, run, mission], [null, null, null]);
});

test('a clock may run ahead by five seconds', () => {
  assert.ok(verifyToken(signed({ iat: now / 1000 + 5 }), rules()));
  assert.throws(() => verifyToken(signed({ iat: now / 1000 + 6 }), rules()), /token\.invalid.*is from the future/);
  assert.ok(verifyToken(signed({ exp: now / 1000 + 1 }), rules()));
});

test('what is refused says why, for the log', () => {
  const because = (text: RegExp, token: string) => assert.throws(() => verifyToken(token, rules()), { because: text });
  because(
    /^the token is for https:\/\/x\.example, not for https:\/\/ambit\.example$/,
    signed({ aud: 'https://x.example' }),
  );
  because(/^token tok_\w+ expired at \d+$/, signed({ exp: now / 1000 }));
  assert.throws(() => verifyToken(signed({ exp: now / 1000 }), rules()), { values: { until: now } });
  const audience = `${issuer}/v1`;
  assert.throws(() => verifyToken(signed({ aud: audience }), rules()), { values: { audience } });
  because(/^the signature is not that of the named key$/, `${signed().slice(0, -4)}AAAA`);
});

test('a token whose subject is the agent names no person', () => {
  assert.equal(verifyToken(signed({ sub: agent }), rules()).requester, null);
});

test('a signature is checked once for each set of keys, time and audience every time', () => {
  const given = rules();
  const text = signed();
  assert.equal(verifyToken(text, given), verifyToken(text, given));
  assert.throws(() => verifyToken(text, { ...given, now: now + 300_000 }), /token\.expired/);
  assert.throws(() => verifyToken(text, { ...given, audience: `${issuer}/v1` }), /token\.wrong_audience/);
});

test('what an older key signed holds until that key is dropped from the set', () => {
  const text = signed();
  const fresh = { kid: 'k2', key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey };
  assert.equal(verifyToken(text, rules({ keys: openTokenKeys({ tokens: [fresh, ...tokens] }) })).agent, agent);
  assert.throws(() => verifyToken(text, rules({ keys: openTokenKeys({ tokens: [fresh] }) })), /token\.invalid.*kid/);
});

test('only the public halves of the keys are published', () => {
  const { jwks } = openTokenKeys({ tokens });
  assert.deepEqual(
    jwks.keys.map((key) => Object.keys(key).sort()),
    [['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
  );
});

const refused: Record<string, [string, RegExp]> = {
  'another issuer': [signed({ iss: 'https://evil.example' }), /token\.invalid.*iss/],
  'another audience': [signed({ aud: 'https://shop.example' }), /token\.wrong_audience/],
  'a list of audiences': [signed({ aud: [issuer] }), /token\.invalid.*aud/],
  'an expired token': [signed({ exp: now / 1000 }), /token\.expired/],
  'a token from the future': [signed({ iat: now / 1000 + 60 }), /token\.invalid.*future/],
  'an issue time in words': [signed({ iat: 'today' }), /token\.invalid.*iat/],
  'no expiry': [signed({ exp: undefined }), /token\.invalid.*exp/],
  'an expiry in words': [signed({ exp: '9999999999' }), /token\.invalid.*exp/],
  'a proof in place of a token': [signed({}, { typ: 'dpop+jwt' }), /token\.invalid.*typ/],
  'an assertion in place of a token': [signed({}, { typ: 'JWT' }), /token\.invalid.*typ/],
  'no typ': [signed({}, { typ: undefined }), /token\.invalid.*typ/],
  'a kid that nobody has': [signed({}, { kid: 'k9' }), /token\.invalid.*kid/],
  'no kid': [signed({}, { kid: undefined }), /token\.invalid.*kid/],
  'a kid that is a path': [signed({}, { kid: '../../dev/null' }), /token\.invalid.*kid/],
  'a kid that every object has': [signed({}, { kid: 'constructor' }), /token\.invalid.*kid/],
  'a key binding that is nothing': [signed({ cnf: null }), /token\.invalid.*cnf is missing, or no object/],
  'a key binding that is a list': [signed({ cnf: ['a-thumbprint'] }), /token\.invalid.*cnf is missing, or no object/],
  'a key binding that is a number': [signed({ cnf: 5 }), /token\.invalid.*cnf is missing, or no object/],
  'a key binding to a key and a certificate': [
    signed({ cnf: { jkt: 'a-key', 'x5t#S256': 'a-certificate' } }),
    /token\.invalid: cnf names a key and a certificate$/,
  ],
  'a certificate that is a number': [signed({ cnf: { 'x5t#S256': 5 } }), /token\.invalid.*x5t#S256/],
  'a thumbprint that is a number': [signed({ cnf: { jkt: 5 } }), /token\.invalid.*jkt/],
  'a mission that is no object': [signed({ mission: 'all' }), /token\.invalid.*mission/],
  'a mission without an issuer': [signed({ mission: { id: task, authority_hash: 'x' } }), /token\.invalid.*issuer/],
  'an actor without a name': [signed({ act: { iss: issuer } }), /token\.invalid.*sub/],
  'an actor before it that is no object': [
    signed({ act: { iss: issuer, sub: 'x', act: 'y' } }),
    /token\.invalid.*act is missing, or no object/,
  ],
  'no key binding': [signed({ cnf: undefined }), /token\.invalid.*cnf/],
  'no actor': [signed({ act: undefined }), /token\.invalid.*act/],
  'a task without a run': [signed({ txn: undefined }), /token\.invalid.*txn/],
  'a client that is a person': [signed({ client_id: randomId('person') }), /token\.invalid.*client_id/],
  'a critical extension': [signed({}, { crit: ['exp'] }), /token\.invalid.*crit/],
  'no token at all': ['', /token\.invalid/],
  text: ['a.b.c', /token\.invalid/],
};

for (const [what, [text, because]] of Object.entries(refused)) {
  test(`${what} is refused`, () => assert.throws(() => verifyToken(text, rules()), because));
}

test('a key that the token brings along is not asked', () => {
  const mallory = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = mallory.publicKey.export({ format: 'jwk' });
  for (const header of [{ jwk }, { jwk, kid: 'k1' }, { x5c: ['MIIB'] }, { jku: 'https://evil.example/jwks' }]) {
    assert.throws(() => verifyToken(signed({}, header, mallory.privateKey), rules()), /token\.invalid/);
  }
});

test('the public key is no shared secret: HS256 and none are refused', () => {
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  const unsigned = (alg: string) => `${part({ ...goodHeader, alg })}.${part(goodClaims())}`;
  const mac = createHmac('sha256', pem).update(unsigned('HS256')).digest('base64url');
  assert.throws(() => verifyToken(`${unsigned('HS256')}.${mac}`, rules()), /alg is not ES256/);
  assert.throws(() => verifyToken(`${unsigned('none')}.`, rules()), /token\.invalid/);
  assert.throws(() => verifyToken(`${unsigned('none')}.AAAA`, rules()), /alg is not ES256/);
  const der = sign('sha256', Buffer.from(unsigned('ES256')), privateKey).toString('base64url');
  assert.throws(() => verifyToken(`${unsigned('ES256')}.${der}`, rules()), /token\.invalid/);
});

test('a token that was changed after it was signed is refused, whatever was seen before', () => {
  const given = rules();
  const text = signed();
  verifyToken(text, given);
  const [head, , signature] = text.split('.');
  assert.throws(
    () => verifyToken(`${head}.${part({ ...goodClaims(), exp: 4e9 })}.${signature}`, given),
    /token\.invalid/,
  );
  assert.throws(() => verifyToken(`${text.slice(0, -2)}AA`, given), /token\.invalid/);
  const longer = Buffer.concat([Buffer.from(signature!, 'base64url'), Buffer.from([0, 0])]).toString('base64url');
  assert.throws(() => verifyToken(`${head}.${text.split('.')[1]}.${longer}`, given), /the signature is not that of/);
});
