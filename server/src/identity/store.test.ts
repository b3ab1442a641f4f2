import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TenantId } from '@ambit/protocol';
import { backends, type TestStore } from '../foundation/database/testing.ts';
import { entry, planeItself } from '../foundation/index.ts';
import { activateAgent } from './activate-agent.ts';
import { addAgentIdentity } from './add-agent-identity.ts';
import { addAgentKey } from './add-agent-key.ts';
import type { Agent } from './agent.ts';
import { bearerHash } from './bearer.ts';
import { sanUris } from './clients/tls-client-auth.ts';
import { issueEnrolment } from './issue-enrolment.ts';
import { linkAgentUser } from './link-agent-user.ts';
import { openSession } from './open-session.ts';
import { registerAgent } from './register-agent.ts';
import { registerEnforcementPoint } from './register-enforcement-point.ts';
import { registerPerson } from './register-person.ts';
import { seeInstance } from './see-instance.ts';
import { setAgeLimit } from './set-age-limit.ts';
import { setSharedRule } from './set-shared-rule.ts';
import { signStandingGrant } from './sign-standing-grant.ts';
import { purgeUsedProofs, spendProof } from './spend-proof.ts';
import * as store from './store.ts';
import { foundTenant, signAssertion, signDocument, type TestTenant, testKey, verifiedProof } from './testing.ts';

const issuer = 'https://ambit.example';

for (const backend of backends) {
  describe(`identity on the ${backend.name} store`, { skip: backend.skip }, () => {
    let opened: TestStore;
    let acme: TestTenant;
    let other: TestTenant;
    before(async () => {
      opened = await backend.open();
      acme = await foundTenant(opened.ground, 'Acme');
      other = await foundTenant(opened.ground, 'Other');
    });
    after(() => opened.close());

    /** One row of every table, and every read that should find it. */
    async function everyRead() {
      const { ground } = opened;
      const { tenant, admin } = acme;
      const now = ground.clock();
      const { agent } = await registerAgent(ground, admin.caller, {
        name: 'refund-bot',
        team: 'support',
        purpose: 'settles damaged orders',
        environment: 'production',
        zone: 'shop',
        expiresAt: now + 86_400_000,
        ceiling: [],
        liveTasksMax: 5,
      });
      const { agent: active } = await activateAgent(ground, admin.caller, agent.id);
      const { key } = await addAgentKey(ground, admin.caller, { agent: agent.id, jwk: testKey().jwk });
      const { user } = await linkAgentUser(ground, admin.caller, {
        agent: agent.id,
        api: 'crm',
        externalId: 'U1',
        label: 'Refund bot',
      });
      await seeInstance(ground, tenant, { agent: agent.id, jkt: 'jkt', agentKey: key.thumbprint });
      const document = {
        type: 'ambit_standing_grant',
        tenant,
        agent: agent.id,
        owner: admin.person.id,
        authority: [],
        liveTasksMax: 1,
        taskSecondsMax: 60,
        issuedAt: now,
        expiresAt: now + 1000,
      } as const;
      const signed = { document, signature: signDocument(admin.key, document) };
      const { grant } = await signStandingGrant(ground, admin.caller, signed);
      const { code } = await issueEnrolment(ground, admin.caller, admin.person.id);
      const assertion = signAssertion(admin.key, { subject: admin.person.id, issuer, now });
      const session = await openSession(ground, { assertion, proof: verifiedProof(testKey(), now), issuer });
      const { point, secret } = await registerEnforcementPoint(ground, admin.caller, {
        name: 'edge',
        kind: 'auth-request',
      });
      const named = { method: 'tls_client_auth', issuer: 'corp', subject: 'spiffe://acme.example/bot' };
      const methods = { tls_client_auth: sanUris(['corp']) };
      const { identity } = await addAgentIdentity(ground, admin.caller, methods, { agent: agent.id, ...named });
      await setAgeLimit(ground, admin.caller, {
        of: 'unused',
        secondsMax: 31_536_000,
        reason: 'Who is not needed goes.',
      });
      await setSharedRule(ground, admin.caller, { whenShared: 'suspend', reason: 'One machine each.' });
      const email = 'dora@acme.example';
      await registerPerson(ground, admin.caller, { name: 'Dora', email, roles: [], delegable: [] });
      const [personKey] = await store.listPersonKeys(ground, tenant, admin.person.id);
      assert.ok(personKey && secret);
      const page = { limit: 100 };
      const used = { kind: 'outside', hash: 'h', expiresAt: now + 1, holder: 'jkt' } as const;
      const changes = [store.addUsedProof(used, 'assertion.replayed')];
      await ground.database.commit({ tenant, changes, entries: [] });
      const reads: Record<string, (of: TenantId) => Promise<unknown>> = {
        findPerson: (of) => store.findPerson(ground, of, admin.person.id),
        listPersons: async (of) =>
          (await store.listPersons(ground, of, page)).filter((one) => one.id === admin.person.id),
        listPersonKeys: (of) => store.listPersonKeys(ground, of, admin.person.id),
        findPersonByEmail: (of) => store.findPersonByEmail(ground, of, email),
        findPersonKey: (of) => store.findPersonKey(ground, of, personKey.id),
        findAgent: (of) => store.findAgent(ground, of, agent.id),
        listAgents: (of) => store.listAgents(ground, of, page),
        listAgentKeys: (of) => store.listAgentKeys(ground, of, agent.id),
        findAgentKey: (of) => store.findAgentKey(ground, of, key.id),
        findAgentIdentity: (of) => store.findAgentIdentity(ground, of, identity.id),
        listAgentIdentities: (of) => store.listAgentIdentities(ground, of, agent.id),
        findIdentityBySubject: (of) => store.findIdentityBySubject(ground, of, identity),
        listIdentitiesBy: (of) => store.listIdentitiesBy(ground, of, identity, 10),
        findAgentInstance: (of) => store.findAgentInstance(ground, of, agent.id, 'jkt'),
        listAgentInstances: (of) => store.listAgentInstances(ground, of, agent.id),
        listAgeLimits: (of) => store.listAgeLimits(ground, of),
        findSharedRule: (of) => store.findSharedRule(ground, of),
        listInstancesWith: (of) => store.listInstancesWith(ground, of, 'jkt'),
        listPersonKeysWith: (of) => store.listPersonKeysWith(ground, of, personKey.thumbprint),
        listAgentKeysWith: (of) => store.listAgentKeysWith(ground, of, key.thumbprint),
        listAgentUsers: (of) => store.listAgentUsers(ground, of, agent.id),
        findAgentUser: (of) => store.findAgentUser(ground, of, user.id),
        listAllAgentUsers: (of) => store.listAllAgentUsers(ground, of, page),
        listActiveStandingGrants: (of) => store.listActiveStandingGrants(ground, of, agent.id),
        findStandingGrant: (of) => store.findStandingGrant(ground, of, grant.id),
        listStandingGrants: (of) => store.listStandingGrants(ground, of, agent.id),
        findEnrolmentByCode: (of) => store.findEnrolmentByCode(ground, of, bearerHash(code.unwrap())),
        listOpenEnrolments: (of) => store.listOpenEnrolments(ground, of, admin.person.id),
        findSessionByToken: (of) => store.findSessionByToken(ground, of, bearerHash(session.token.unwrap())),
        findEnforcementPoint: (of) => store.findEnforcementPoint(ground, of, point.id),
        findEnforcementPointBySecret: (of) =>
          store.findEnforcementPointBySecret(ground, of, bearerHash(secret.unwrap())),
        listEnforcementPoints: (of) => store.listEnforcementPoints(ground, of, page),
        findOutsideToken: (of) => store.findOutsideToken(ground, of, used.hash),
        listUsedProofs: async (of) =>
          (await store.listUsedProofs(ground, of, 100)).filter((one) => one.kind === 'outside'),
      };
      return { reads, agent: active };
    }

    const isNothing = (found: unknown) => found === undefined || (Array.isArray(found) && found.length === 0);

    test('tenants do not touch: every read finds its own rows, and none of another tenant', async () => {
      const { reads } = await everyRead();
      const ofThePlane = ['findTenant', 'listTenants'];
      const named = Object.keys(store).filter((name) => /^(find|list)/.test(name) && !ofThePlane.includes(name));
      assert.deepEqual(named.sort(), Object.keys(reads).sort());
      for (const [name, read] of Object.entries(reads)) {
        assert.equal(isNothing(await read(acme.tenant)), false, `${name} finds its own`);
        assert.equal(isNothing(await read(other.tenant)), true, `${name} finds nothing of a neighbour`);
      }
    });

    test('a change named with another tenant finds no row to change', async () => {
      const { ground } = opened;
      const [agent] = await store.listAgents(ground, acme.tenant, { limit: 1 });
      assert.ok(agent);
      const told = () => entry({ id: ground.newId('entry'), kind: 'identity.test', who: planeItself });
      const change = store.changeAgent(agent, { state: 'retired' });
      await assert.rejects(ground.database.commit({ tenant: other.tenant, changes: [change], entries: [told()] }), {
        code: 'state.changed',
      });
      const still: Agent | undefined = await store.findAgent(ground, acme.tenant, agent.id);
      assert.equal(still?.state, 'active');
    });

    test('a proof is spent once, however many bring it at the same moment', async () => {
      const { ground } = opened;
      const proof = verifiedProof(testKey(), ground.clock());
      const spend = () => ground.database.commit({ tenant: acme.tenant, changes: [spendProof(proof)], entries: [] });
      const results = await Promise.allSettled([spend(), spend(), spend(), spend()]);
      assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
      for (const one of results) if (one.status === 'rejected') assert.equal(one.reason.code, 'proof.replayed');
    });

    test('the same jti of two keys is two proofs', async () => {
      const { ground } = opened;
      const checkedAt = ground.clock();
      const changes = [
        spendProof({ jkt: 'a', jti: 'same', checkedAt }),
        spendProof({ jkt: 'b', jti: 'same', checkedAt }),
      ];
      await ground.database.commit({ tenant: acme.tenant, changes, entries: [] });
    });

    test('the same proof at two tenants is two proofs', async () => {
      const { ground } = opened;
      const changes = [spendProof({ jkt: 'a', jti: 'of each', checkedAt: ground.clock() })];
      const spend = (tenant: TenantId) => ground.database.commit({ tenant, changes, entries: [] });
      await spend(acme.tenant);
      await spend(other.tenant);
      await assert.rejects(spend(other.tenant), { code: 'proof.replayed' });
    });

    test('used proofs are forgotten only after they could not be accepted any more', async () => {
      const { ground } = opened;
      const proof = verifiedProof(testKey(), ground.clock());
      const spend = () => ground.database.commit({ tenant: acme.tenant, changes: [spendProof(proof)], entries: [] });
      await spend();
      // Its sender's clock may run ahead by five seconds: it could be that young.
      ground.clock.advance(65_000 + 600_000 - 500);
      await purgeUsedProofs(ground, acme.tenant);
      await assert.rejects(spend(), { code: 'proof.replayed' });
      // The embedded store forgets together what ends within the same minute.
      ground.clock.advance(61_000);
      await purgeUsedProofs(ground, acme.tenant);
      assert.deepEqual(await store.listUsedProofs(ground, acme.tenant, 10), []);
      await spend();
    });

    test('every change of a governed row leaves its hash in the entry of its unit', async () => {
      const { ground } = opened;
      const told = await ground.database.log.entries(acme.tenant, { limit: 1000 });
      const tables = new Set(told.flatMap((one) => one.header.changes.map((change) => change.table)));
      for (const name of [
        'tenants',
        'subjects',
        'persons',
        'person_keys',
        'agents',
        'agent_keys',
        'agent_users',
        'standing_grants',
        'enrolments',
        'sessions',
        'enforcement_points',
        'shared_rules',
      ]) {
        assert.ok(tables.has(name), name);
      }
    });
  });
}
