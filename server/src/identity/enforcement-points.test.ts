import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { authenticateEnforcementPoint } from './authenticate-enforcement-point.ts';
import { registerEnforcementPoint } from './register-enforcement-point.ts';
import { retireEnforcementPoint } from './retire-enforcement-point.ts';
import { foundTenant, rawRequest, signAssertion, type TestTenant, testKey } from './testing.ts';

const issuer = 'https://ambit.example';
let opened: TestStore;
let acme: TestTenant;
let named = 0;
before(async () => {
  opened = await openTestStore();
  acme = await foundTenant(opened.ground, 'Acme');
});
after(() => opened.close());

const register = (more: { jwk?: unknown } = {}) =>
  registerEnforcementPoint(opened.ground, acme.admin.caller, { name: `edge ${named++}`, kind: 'authzen', ...more });
const ask = (authorization: string | undefined) => {
  const headers = authorization === undefined ? [] : [['Authorization', authorization] as const];
  return authenticateEnforcementPoint(opened.ground, issuer, rawRequest('POST', '/access/v1/evaluation', headers));
};
const unauthenticated = { code: 'enforcement_point.unauthenticated' };

describe('an enforcement point', () => {
  test('proves itself by the secret that was shown once', async () => {
    const { point, secret } = await register();
    assert.ok(secret);
    const caller = await ask(`Bearer ${secret.unwrap()}`);
    assert.equal(caller.kind, 'enforcement-point');
    assert.equal(caller.tenant, acme.tenant);
    assert.equal(caller.point, point.id);
    assert.equal(caller.row.kind, 'authzen');
    assert.equal(JSON.stringify(point).includes(secret.unwrap()), false);
  });

  test('proves itself by an assertion of its key, each of which counts once', async () => {
    const key = testKey();
    const { point, secret } = await register({ jwk: key.jwk });
    assert.equal(secret, null);
    const text = signAssertion(key, { subject: point.id, issuer, now: opened.ground.clock() });
    assert.equal((await ask(`Bearer ${text}`)).point, point.id);
    await assert.rejects(ask(`Bearer ${text}`), { code: 'assertion.replayed' });
  });

  test('is a stranger once retired', async () => {
    const key = testKey();
    const [bySecret, byKey] = [await register(), await register({ jwk: key.jwk })];
    for (const { point } of [bySecret, byKey]) await retireEnforcementPoint(opened.ground, acme.admin.caller, point.id);
    await assert.rejects(ask(`Bearer ${bySecret.secret?.unwrap()}`), unauthenticated);
    const text = signAssertion(key, { subject: byKey.point.id, issuer, now: opened.ground.clock() });
    await assert.rejects(ask(`Bearer ${text}`), unauthenticated);
  });

  test('without a credential, with a wrong one, or with another key is refused in the same words', async () => {
    const { point } = await register({ jwk: testKey().jwk });
    const other = await foundTenant(opened.ground, 'Neighbour');
    const theirs = await registerEnforcementPoint(opened.ground, other.admin.caller, { name: 'edge', kind: 'authzen' });
    const moved = `${acme.tenant}.${theirs.secret?.unwrap().split('.')[1]}`;
    const forged = signAssertion(testKey(), { subject: point.id, issuer, now: opened.ground.clock() });
    for (const one of [
      undefined,
      '',
      'Basic eA==',
      `Bearer ${acme.tenant}.${'A'.repeat(43)}`,
      `Bearer ${moved}`,
      `Bearer ${forged}`,
    ]) {
      await assert.rejects(ask(one), unauthenticated);
    }
  });

  test('is registered and retired by an administrator only, in its own tenant', async () => {
    const alice = await acme.join('Alice', { roles: ['policy'] });
    const { point } = await register();
    const mine = registerEnforcementPoint(opened.ground, alice.caller, { name: 'mine', kind: 'authzen' });
    await assert.rejects(mine, { code: 'caller.not_allowed' });
    await assert.rejects(retireEnforcementPoint(opened.ground, alice.caller, point.id), { code: 'caller.not_allowed' });
    const next = await foundTenant(opened.ground, 'Next door');
    await assert.rejects(retireEnforcementPoint(opened.ground, next.admin.caller, point.id), {
      code: 'thing.not_found',
    });
    await assert.rejects(register({ jwk: { kty: 'oct', k: 'c2VjcmV0' } }), { code: 'key.private' });
  });
});
