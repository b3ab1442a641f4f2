import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { authenticatePerson } from './authenticate-person.ts';
import { closeSession } from './close-session.ts';
import { disablePerson } from './disable-person.ts';
import { personFacts } from './facts.ts';
import { openSession } from './open-session.ts';
import { revokePersonKey } from './revoke-person-key.ts';
import { setRoles } from './set-roles.ts';
import {
  foundTenant,
  type Member,
  rawRequest,
  signAssertion,
  signProof,
  type TestKey,
  type TestTenant,
  testKey,
  verifiedProof,
} from './testing.ts';

const issuer = 'https://ambit.example';
const origin = 'https://console.ambit.example';
let opened: TestStore;
let acme: TestTenant;
let named = 0;
before(async () => {
  opened = await openTestStore();
  acme = await foundTenant(opened.ground, 'Acme');
});
after(() => opened.close());

const joined = () => acme.join(`Bob ${named++}`, { roles: ['approver'] });
const now = () => opened.ground.clock();
const assertionOf = ({ person, key }: Member, claims: object = {}, seconds = 60) =>
  signAssertion(key, { subject: person.id, issuer, now: now(), seconds }, claims);
const open = (assertion: string, key = testKey()) =>
  openSession(opened.ground, { assertion, proof: verifiedProof(key, now()), issuer });

async function signedIn(member?: Member) {
  const bob = member ?? (await joined());
  const key = testKey();
  const { token, session } = await open(assertionOf(bob), key);
  return { bob, key, token: token.unwrap(), session };
}

type Asked = { readonly token: string; readonly key: TestKey };
const body = Buffer.from('{"yes":true}');
const noBody = new Uint8Array(0);

function request({ token, key }: Asked, claims: object = {}, sent: Uint8Array = noBody) {
  const about = { method: 'POST', url: `${origin}/v1/approvals/x/answer`, now: now(), token };
  const proof = signProof(key, sent.length === 0 ? about : { ...about, body: sent }, claims);
  return rawRequest(
    'POST',
    '/v1/approvals/x/answer?full=1',
    [
      ['Authorization', `DPoP ${token}`],
      ['DPoP', proof],
    ],
    sent,
  );
}
const ask = (raw: ReturnType<typeof request>) => authenticatePerson(opened.ground, { origin }, raw);

describe('a session', () => {
  test('opens with an assertion of an enrolled key and answers for that person, body and all', async () => {
    const signed = await signedIn();
    const caller = await ask(request(signed, {}, body));
    assert.equal(caller.kind, 'person');
    assert.equal(caller.tenant, acme.tenant);
    assert.equal(caller.person, signed.bob.person.id);
    assert.deepEqual(caller.roles, ['approver']);
    assert.equal(caller.who.requester, signed.bob.person.id);
    assert.equal(caller.who.agent, null);
    assert.equal(caller.who.instance, signed.key.thumbprint);
    assert.equal(caller.who.proof, 'dpop');
  });

  test('hears of new roles at the next request', async () => {
    const signed = await signedIn();
    await setRoles(opened.ground, acme.admin.caller, { person: signed.bob.person.id, roles: ['auditor'] });
    assert.deepEqual((await ask(request(signed))).roles, ['auditor']);
  });

  test('ends when it is closed, after eight hours, and with its person and the key that opened it', async () => {
    const { ground } = opened;
    const closed = await signedIn();
    await closeSession(ground, await ask(request(closed)));
    const keyless = await signedIn();
    const [key] = (await personFacts(ground, acme.tenant, keyless.bob.person.id))?.keys ?? [];
    assert.ok(key);
    await revokePersonKey(ground, keyless.bob.caller, key.id);
    const gone = await signedIn();
    await disablePerson(ground, acme.admin.caller, { person: gone.bob.person.id, reason: 'left' });
    for (const one of [closed, keyless, gone]) await assert.rejects(ask(request(one)), { code: 'session.invalid' });
    const old = await signedIn();
    ground.clock.advance(8 * 3_600_000 - 1);
    await ask(request(old));
    ground.clock.advance(1);
    await assert.rejects(ask(request(old)), { code: 'session.invalid' });
  });
});

describe('a session is not opened', () => {
  test('twice by one assertion or one proof', async () => {
    const bob = await joined();
    const text = assertionOf(bob);
    await open(text);
    await assert.rejects(open(text), { code: 'assertion.replayed' });
    const proof = verifiedProof(testKey(), now());
    await openSession(opened.ground, { assertion: assertionOf(bob), proof, issuer });
    await assert.rejects(openSession(opened.ground, { assertion: assertionOf(bob), proof, issuer }), {
      code: 'proof.replayed',
    });
  });

  test('by a key that nobody enrolled, for an unknown person, or by one who was disabled', async () => {
    const bob = await joined();
    await assert.rejects(open(assertionOf({ ...bob, key: testKey() })), { code: 'person.unauthenticated' });
    const nobody = signAssertion(bob.key, { subject: 'psn_00000000000000000000', issuer, now: now() });
    await assert.rejects(open(nobody), { code: 'person.unauthenticated' });
    await disablePerson(opened.ground, acme.admin.caller, { person: bob.person.id, reason: 'left' });
    await assert.rejects(open(assertionOf(bob)), { code: 'person.not_active' });
  });

  test('by another person’s enrolled key', async () => {
    const [bob, mallory] = [await joined(), await joined()];
    await assert.rejects(open(assertionOf({ ...bob, key: mallory.key })), { code: 'person.unauthenticated' });
  });

  test('by an assertion for another audience, a long-lived one, or one that names another proof key', async () => {
    const bob = await joined();
    await assert.rejects(open(assertionOf(bob, { aud: origin })), { code: 'assertion.invalid' });
    await assert.rejects(open(assertionOf(bob, {}, 61)), { code: 'assertion.stale' });
    const bound = assertionOf(bob, { cnf: { jkt: testKey().thumbprint } });
    await assert.rejects(open(bound), { code: 'assertion.invalid' });
    const own = testKey();
    await open(assertionOf(bob, { cnf: { jkt: own.thumbprint } }), own);
  });
});

describe('a request is refused', () => {
  test('without a token, with an unknown one, or with one sent as a bearer token', async () => {
    const signed = await signedIn();
    const proof = signProof(signed.key, { method: 'GET', url: `${origin}/v1/me`, now: now(), token: signed.token });
    const sent = (authorization: string) =>
      ask(
        rawRequest('GET', '/v1/me', [
          ['Authorization', authorization],
          ['DPoP', proof],
        ]),
      );
    for (const text of [
      '',
      'DPoP',
      `Bearer ${signed.token}`,
      `DPoP ${signed.token}x`,
      `DPoP ${acme.tenant}.${'A'.repeat(43)}`,
    ]) {
      await assert.rejects(sent(text), { code: 'session.invalid' });
    }
    await assert.rejects(ask(rawRequest('GET', '/v1/me', [['DPoP', proof]])), { code: 'session.invalid' });
  });

  test('without a proof, or with two', async () => {
    const signed = await signedIn();
    const good = request(signed);
    const [, authorization, , proof] = good.rawHeaders;
    const none = rawRequest('POST', good.url, [['Authorization', authorization ?? '']]);
    const two = rawRequest('POST', good.url, [
      ['Authorization', authorization ?? ''],
      ['DPoP', proof ?? ''],
      ['dpop', proof ?? ''],
    ]);
    await assert.rejects(ask(none), { code: 'proof.missing' });
    await assert.rejects(ask(two), { code: 'proof.missing' });
  });

  test('with a stolen token and a key of one’s own', async () => {
    const signed = await signedIn();
    await assert.rejects(ask(request({ ...signed, key: testKey() })), { code: 'session.invalid' });
  });

  test('when the proof was used before, is for another place, or does not cover the body', async () => {
    const signed = await signedIn();
    const once = request(signed);
    await ask(once);
    await assert.rejects(ask(once), { code: 'proof.replayed' });
    await assert.rejects(ask(request(signed, { htu: `${origin}/v1/me` })), { code: 'proof.invalid' });
    await assert.rejects(ask(request(signed, { htm: 'GET' })), { code: 'proof.invalid' });
    await assert.rejects(ask(request(signed, { ath: 'x' })), { code: 'proof.invalid' });
    await assert.rejects(ask({ ...request(signed), body }), { code: 'proof.body_missing' });
    await assert.rejects(ask({ ...request(signed, {}, body), body: Buffer.from('{"yes":false}') }), {
      code: 'proof.body_mismatch',
    });
  });

  test('wherever it comes from: no address opens anything', async () => {
    const local = rawRequest('GET', '/v1/me', [
      ['X-Forwarded-For', '127.0.0.1'],
      ['Forwarded', 'for=127.0.0.1'],
      ['X-Real-Ip', '::1'],
    ]);
    for (const remoteAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      await assert.rejects(ask({ ...local, remoteAddress }), { code: 'session.invalid' });
    }
  });
});
