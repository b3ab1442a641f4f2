import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Grant } from '@ambit/protocol';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { createTenant } from './create-tenant.ts';
import { disablePerson } from './disable-person.ts';
import { enrolPersonKey } from './enrol-person-key.ts';
import { personFacts } from './facts.ts';
import { firstAdministrator, renewFirstCode } from './first-administrator.ts';
import { issueEnrolment } from './issue-enrolment.ts';
import { registerPerson } from './register-person.ts';
import { revokePersonKey } from './revoke-person-key.ts';
import { setDelegable } from './set-delegable.ts';
import { setRoles } from './set-roles.ts';
import { findPerson } from './store.ts';
import { callerOf, foundTenant, type TestTenant, testKey, verifiedProof } from './testing.ts';

let opened: TestStore;
let acme: TestTenant;
before(async () => {
  opened = await openTestStore();
  acme = await foundTenant(opened.ground, 'Acme');
});
after(() => opened.close());

const reading: Grant = { type: 'ambit_grant', actions: ['shop:orders.get'] };
const enrolWith = (code: string, key = testKey()) =>
  enrolPersonKey(opened.ground, { code, label: 'laptop', proof: verifiedProof(key, opened.ground.clock()) });

describe('the first administrator', () => {
  test('comes by a one-time code, which enrols one key and no second one', async () => {
    const { ground } = opened;
    const { tenant } = await createTenant(ground, 'Fresh');
    const { person, code } = await firstAdministrator(ground, tenant.id, 'Ada');
    assert.deepEqual((await personFacts(ground, tenant.id, person.id))?.keys, []);
    const { key } = await enrolWith(code.unwrap());
    assert.equal(key.person, person.id);
    await assert.rejects(enrolWith(code.unwrap()), { code: 'enrolment.refused' });
    assert.equal((await personFacts(ground, tenant.id, person.id))?.keys.length, 1);
  });

  test('is administrator and not approver', () => {
    assert.ok(acme.admin.person.roles.includes('administrator'));
    assert.equal(acme.admin.person.roles.includes('approver'), false);
  });

  test('comes once, even where two processes start at the same moment', async () => {
    const { ground } = opened;
    const { tenant } = await createTenant(ground, 'Raced');
    const named = ['Ada', 'Eve', 'Ivy'].map((name) => firstAdministrator(ground, tenant.id, name));
    const results = await Promise.allSettled(named);
    assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
    for (const one of results) if (one.status === 'rejected') assert.equal(one.reason.code, 'tenant.started');
  });

  test('gets a new code while the old one is unused, and the old one then opens nothing', async () => {
    const { ground } = opened;
    const { tenant } = await createTenant(ground, 'Lost');
    const lost = await firstAdministrator(ground, tenant.id, 'Ada');
    const renewed = await renewFirstCode(ground, tenant.id);
    assert.equal(renewed.person.id, lost.person.id);
    await assert.rejects(enrolWith(lost.code.unwrap()), { code: 'enrolment.refused' });
    await enrolWith(renewed.code.unwrap());
    await assert.rejects(renewFirstCode(ground, tenant.id), { code: 'tenant.started' });
  });

  test('has a code that is nowhere in the store or the log', async () => {
    const { ground } = opened;
    const { tenant } = await createTenant(ground, 'Quiet');
    const { code, entry } = await firstAdministrator(ground, tenant.id, 'Ada');
    const told = await ground.database.log.entry(tenant.id, entry);
    assert.ok(told);
    const text = JSON.stringify([told.header, ground.database.log.open(told)]);
    assert.equal(text.includes(code.unwrap().split('.')[1] ?? ''), false);
    assert.equal(JSON.stringify({ code }), '{}');
  });
});

describe('an enrolment code', () => {
  test('is used once by whoever is first, when two keys come at the same moment', async () => {
    const { ground } = opened;
    const bob = { name: 'Bob', email: null, roles: ['approver'], delegable: [] } as const;
    const { person, code } = await registerPerson(ground, acme.admin.caller, bob);
    const results = await Promise.allSettled([enrolWith(code.unwrap()), enrolWith(code.unwrap())]);
    assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
    assert.equal((await personFacts(ground, acme.tenant, person.id))?.keys.length, 1);
  });

  test('expires after a day', async () => {
    const { ground } = opened;
    const late = { name: 'Late', email: null, roles: [], delegable: [] };
    const { code } = await registerPerson(ground, acme.admin.caller, late);
    ground.clock.advance(24 * 3_600_000);
    await assert.rejects(enrolWith(code.unwrap()), { code: 'enrolment.refused' });
  });

  test('that is wrong, of another tenant or no code at all is refused in the same words', async () => {
    const { ground } = opened;
    const { code } = await registerPerson(ground, acme.admin.caller, {
      name: 'Words',
      email: null,
      roles: [],
      delegable: [],
    });
    const { tenant: other } = await createTenant(ground, 'Neighbour');
    const [, random] = code.unwrap().split('.');
    const wrong = ['', 'hello', `${other.id}.${random}`, `${acme.tenant}.${'A'.repeat(43)}`, `${code.unwrap()}A`];
    const says = await Promise.all(
      wrong.map((one) => enrolWith(one).then(String, (error) => `${error.code}: ${error.says}`)),
    );
    assert.equal(new Set(says).size, 1);
    assert.match(says[0] ?? '', /^enrolment\.refused: It is wrong, used, expired/);
  });

  test('does not take a key that somebody has already', async () => {
    const { code } = await issueEnrolment(opened.ground, acme.admin.caller, acme.admin.person.id);
    await assert.rejects(enrolWith(code.unwrap(), acme.admin.key), { code: 'key.known' });
    await enrolWith(code.unwrap());
  });

  test('is withdrawn when a newer one is issued', async () => {
    const { ground } = opened;
    const first = await registerPerson(ground, acme.admin.caller, {
      name: 'Twice',
      email: null,
      roles: [],
      delegable: [],
    });
    const second = await issueEnrolment(ground, acme.admin.caller, first.person.id);
    await assert.rejects(enrolWith(first.code.unwrap()), { code: 'enrolment.refused' });
    await enrolWith(second.code.unwrap());
  });
});

describe('what only administrators do', () => {
  test('is refused to everybody else, with the role to ask for', async () => {
    const { ground } = opened;
    const alice = await acme.join('Alice', { roles: ['catalog', 'policy', 'approver', 'auditor'] });
    const by = alice.caller;
    const id = alice.person.id;
    const attempts = [
      registerPerson(ground, by, { name: 'Puppet', email: null, roles: [], delegable: [] }),
      setRoles(ground, by, { person: acme.admin.person.id, roles: [] }),
      setDelegable(ground, by, { person: id, delegable: [reading] }),
      disablePerson(ground, by, { person: acme.admin.person.id, reason: 'mine now' }),
      issueEnrolment(ground, by, acme.admin.person.id),
    ];
    for (const attempt of attempts) {
      await assert.rejects(attempt, { code: 'caller.not_allowed', says: 'Ask a person with the role administrator.' });
    }
  });

  test('does not register two persons of one address, while names may be the same', async () => {
    const { ground } = opened;
    const sam = { name: 'Sam', email: 'sam@acme.example', roles: [], delegable: [] };
    await registerPerson(ground, acme.admin.caller, sam);
    await assert.rejects(registerPerson(ground, acme.admin.caller, sam), { code: 'thing.exists' });
    await registerPerson(ground, acme.admin.caller, { ...sam, email: null });
  });

  test('does not reach persons of another tenant', async () => {
    const { ground } = opened;
    const other = await foundTenant(ground, 'Next door');
    const id = other.admin.person.id;
    const by = acme.admin.caller;
    const attempts = [
      setRoles(ground, by, { person: id, roles: [] }),
      setDelegable(ground, by, { person: id, delegable: [] }),
      disablePerson(ground, by, { person: id, reason: 'rival' }),
      issueEnrolment(ground, by, id),
    ];
    for (const attempt of attempts) await assert.rejects(attempt, { code: 'thing.not_found' });
  });

  test('sets what a person may delegate, and the entry tells before and after', async () => {
    const { ground } = opened;
    const { person } = await acme.join('Dora');
    const { entry } = await setDelegable(ground, acme.admin.caller, { person: person.id, delegable: [reading] });
    assert.deepEqual((await findPerson(ground, acme.tenant, person.id))?.delegable, [reading]);
    const told = await ground.database.log.entry(acme.tenant, entry);
    assert.ok(told);
    assert.equal(told.header.kind, 'identity.delegable-set');
    assert.equal(told.header.who.requester, acme.admin.person.id);
    assert.deepEqual(ground.database.log.open(told)?.detail, { person: person.id, before: [], after: [reading] });
  });
});

describe('administrators', () => {
  test('do not change their own roles', async () => {
    const by = acme.admin.caller;
    const attempt = setRoles(opened.ground, by, { person: by.person, roles: ['administrator', 'approver'] });
    await assert.rejects(attempt, { code: 'person.own_roles' });
  });

  test('cannot disable the last of them', async () => {
    const solo = await foundTenant(opened.ground, 'Solo');
    const attempt = disablePerson(opened.ground, solo.admin.caller, { person: solo.admin.person.id, reason: 'bye' });
    await assert.rejects(attempt, { code: 'person.last_administrator' });
  });

  test('who remove each other at the same moment leave one', async () => {
    const { ground } = opened;
    const pair = await foundTenant(ground, 'Pair');
    const second = await pair.join('Grace', { roles: ['administrator'] });
    const [ada, grace] = [pair.admin, second];
    const results = await Promise.allSettled([
      setRoles(ground, ada.caller, { person: grace.person.id, roles: [] }),
      setRoles(ground, grace.caller, { person: ada.person.id, roles: [] }),
    ]);
    assert.deepEqual(results.map((one) => one.status).sort(), ['fulfilled', 'rejected']);
    const left = await Promise.all([ada, grace].map(({ person }) => findPerson(ground, pair.tenant, person.id)));
    assert.equal(left.filter((one) => one?.roles.includes('administrator')).length, 1);
  });
});

describe('a key of a person', () => {
  test('is revoked by the person, or by an administrator, and by nobody else', async () => {
    const { ground } = opened;
    const carol = await acme.join('Carol', { roles: ['auditor'] });
    const mallory = await acme.join('Mallory');
    const [key] = (await personFacts(ground, acme.tenant, carol.person.id))?.keys ?? [];
    assert.ok(key);
    await assert.rejects(revokePersonKey(ground, mallory.caller, key.id), { code: 'caller.not_allowed' });
    await revokePersonKey(ground, carol.caller, key.id);
    assert.deepEqual((await personFacts(ground, acme.tenant, carol.person.id))?.keys, []);
    await assert.rejects(revokePersonKey(ground, acme.admin.caller, key.id), { code: 'key.not_active' });
  });

  test('is not enrolled for a disabled person', async () => {
    const { ground } = opened;
    const { person, code } = await registerPerson(ground, acme.admin.caller, {
      name: 'Gone',
      email: null,
      roles: [],
      delegable: [],
    });
    await disablePerson(ground, acme.admin.caller, { person: person.id, reason: 'left' });
    await assert.rejects(enrolWith(code.unwrap()), { code: 'person.not_active' });
    await assert.rejects(issueEnrolment(ground, acme.admin.caller, person.id), { code: 'person.not_active' });
    await assert.rejects(
      disablePerson(ground, callerOf(acme.tenant, acme.admin.person), { person: person.id, reason: 'again' }),
      {
        code: 'person.not_active',
      },
    );
  });
});
