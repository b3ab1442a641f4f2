import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { WorkloadKind } from '@ambit/protocol';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import type { AgentCaller } from '../foundation/index.ts';
import { activateAgent } from './activate-agent.ts';
import { addAgentKey } from './add-agent-key.ts';
import type { Agent } from './agent.ts';
import { disablePerson } from './disable-person.ts';
import { agentFacts } from './facts.ts';
import { linkAgentUser } from './link-agent-user.ts';
import { reassignAgent } from './reassign-agent.ts';
import { registerAgent } from './register-agent.ts';
import { resumeAgent } from './resume-agent.ts';
import { retireAgent } from './retire-agent.ts';
import { revokeAgentKey } from './revoke-agent-key.ts';
import { seeInstance } from './see-instance.ts';
import { setRoles } from './set-roles.ts';
import { findAgent, listAgentInstances } from './store.ts';
import { suspendAgent } from './suspend-agent.ts';
import { foundTenant, type Member, type TestTenant, testKey } from './testing.ts';

let opened: TestStore;
let acme: TestTenant;
let alice: Member;
let mallory: Member;
let named = 0;
before(async () => {
  opened = await openTestStore();
  acme = await foundTenant(opened.ground, 'Acme');
  alice = await acme.join('Alice');
  mallory = await acme.join('Mallory');
});
after(() => opened.close());

const dayMilliseconds = 86_400_000;
const newAgent = (more: Partial<Omit<Agent, 'kind'>> & { readonly kind?: WorkloadKind } = {}) => ({
  name: `refund-bot-${named++}`,
  team: 'support',
  purpose: 'settles damaged orders',
  environment: 'production',
  zone: 'shop',
  expiresAt: opened.ground.clock() + 30 * dayMilliseconds,
  ceiling: [],
  liveTasksMax: 5,
  ...more,
});
const registered = async () => (await registerAgent(opened.ground, alice.caller, newAgent())).agent;
const active = async () => (await activateAgent(opened.ground, alice.caller, (await registered()).id)).agent;
const stateOf = async (agent: Agent) => (await findAgent(opened.ground, acme.tenant, agent.id))?.state;
const reason = 'because';

describe('an agent', () => {
  test('begins as a draft, and becomes active by the recorded act of its owner', async () => {
    const { ground } = opened;
    const agent = await registered();
    assert.equal(agent.state, 'draft');
    assert.equal(agent.owner, alice.person.id);
    const { agent: moved, entry } = await activateAgent(ground, alice.caller, agent.id);
    assert.deepEqual(await findAgent(ground, acme.tenant, agent.id), moved);
    const told = await ground.database.log.entry(acme.tenant, entry);
    assert.equal(told?.header.kind, 'identity.agent-activated');
    assert.equal(told?.header.who.requester, alice.person.id);
  });

  test('is not activated or resumed by anybody but its owner, administrators included', async () => {
    const agent = await registered();
    for (const { caller } of [mallory, acme.admin]) {
      await assert.rejects(activateAgent(opened.ground, caller, agent.id), { code: 'agent.not_owner' });
    }
    await activateAgent(opened.ground, alice.caller, agent.id);
    await suspendAgent(opened.ground, acme.admin.caller, { agent: agent.id, reason });
    await assert.rejects(resumeAgent(opened.ground, acme.admin.caller, { agent: agent.id, reason }), {
      code: 'agent.not_owner',
    });
    await resumeAgent(opened.ground, alice.caller, { agent: agent.id, reason });
    assert.equal(await stateOf(agent), 'active');
  });

  test('goes through its states in order, each move counting its epoch on', async () => {
    const { ground } = opened;
    const agent = await registered();
    const named = { agent: agent.id, reason };
    await assert.rejects(suspendAgent(ground, alice.caller, named), { code: 'agent.wrong_state' });
    await activateAgent(ground, alice.caller, agent.id);
    await assert.rejects(activateAgent(ground, alice.caller, agent.id), { code: 'agent.wrong_state' });
    await suspendAgent(ground, alice.caller, named);
    const { agent: retired } = await retireAgent(ground, alice.caller, named);
    assert.equal(retired.epoch, 3);
    for (const move of [suspendAgent, resumeAgent, retireAgent]) {
      await assert.rejects(move(ground, alice.caller, named), { code: 'agent.wrong_state' });
    }
    await assert.rejects(activateAgent(ground, alice.caller, agent.id), { code: 'agent.wrong_state' });
  });

  test('is suspended and retired by its owner or an administrator, not by a bystander', async () => {
    const agent = await active();
    for (const move of [suspendAgent, retireAgent]) {
      await assert.rejects(move(opened.ground, mallory.caller, { agent: agent.id, reason }), {
        code: 'agent.not_owner',
      });
    }
    assert.equal(await stateOf(agent), 'active');
  });

  test('is registered by, and given to, those alone who may own agents; whoever owns one goes on without the role', async () => {
    const { ground } = opened;
    const visitor = await acme.join(`Vera ${named++}`, {
      roles: ['approver', 'policy', 'catalog', 'auditor', 'reviewer'],
    });
    await assert.rejects(registerAgent(ground, visitor.caller, newAgent()), { code: 'caller.not_allowed' });
    const wanted = newAgent({ owner: visitor.person.id });
    await assert.rejects(registerAgent(ground, acme.admin.caller, wanted), { code: 'person.no_owner' });
    const agent = await registered();
    const handing = { agent: agent.id, owner: visitor.person.id, reason };
    await assert.rejects(reassignAgent(ground, acme.admin.caller, handing), { code: 'person.no_owner' });
    const olga = await acme.join(`Olga ${named++}`);
    const { agent: hers } = await registerAgent(ground, olga.caller, newAgent());
    await setRoles(ground, acme.admin.caller, { person: olga.person.id, roles: [] });
    assert.equal((await activateAgent(ground, { ...olga.caller, roles: [] }, hers.id)).agent.state, 'active');
    const own = await registerAgent(ground, acme.admin.caller, newAgent());
    assert.equal(own.agent.owner, acme.admin.person.id);
  });

  test('has a name of its own in its tenant', async () => {
    const agent = await registered();
    const again = registerAgent(opened.ground, alice.caller, newAgent({ name: agent.name }));
    await assert.rejects(again, { code: 'thing.exists' });
    const other = await foundTenant(opened.ground, 'Same name');
    await registerAgent(opened.ground, other.admin.caller, newAgent({ name: agent.name }));
  });

  test('is given to another owner by an administrator only, and that owner must be active', async () => {
    const { ground } = opened;
    const owner = alice.person.id;
    await assert.rejects(registerAgent(ground, mallory.caller, newAgent({ owner })), { code: 'caller.not_allowed' });
    const { agent } = await registerAgent(ground, acme.admin.caller, newAgent({ owner }));
    assert.equal(agent.owner, owner);
    const gone = await acme.join('Gone');
    await disablePerson(ground, acme.admin.caller, { person: gone.person.id, reason });
    const orphan = registerAgent(ground, acme.admin.caller, newAgent({ owner: gone.person.id }));
    await assert.rejects(orphan, { code: 'person.not_active' });
  });

  test('whose time is over is neither registered nor activated', async () => {
    const { ground } = opened;
    const past = registerAgent(ground, alice.caller, newAgent({ expiresAt: ground.clock() }));
    await assert.rejects(past, { code: 'request.malformed' });
    const { agent } = await registerAgent(ground, alice.caller, newAgent({ expiresAt: ground.clock() + 1000 }));
    ground.clock.advance(1000);
    await assert.rejects(activateAgent(ground, alice.caller, agent.id), { code: 'agent.expired' });
  });

  test('of another tenant is as if absent', async () => {
    const agent = await active();
    const other = await foundTenant(opened.ground, 'Neighbour');
    const named = { agent: agent.id, reason };
    const { caller } = other.admin;
    await assert.rejects(suspendAgent(opened.ground, caller, named), { code: 'thing.not_found' });
    await assert.rejects(addAgentKey(opened.ground, caller, { agent: agent.id, jwk: testKey().jwk }), {
      code: 'thing.not_found',
    });
    assert.equal(await agentFacts(opened.ground, other.tenant, agent.id), undefined);
    assert.equal(await stateOf(agent), 'active');
  });
});

describe('the keys of an agent', () => {
  test('overlap while one replaces the other, each within its own time', async () => {
    const { ground } = opened;
    const agent = await active();
    const now = ground.clock();
    const old = await addAgentKey(ground, alice.caller, { agent: agent.id, jwk: testKey().jwk, notAfter: now + 2000 });
    const next = await addAgentKey(ground, alice.caller, {
      agent: agent.id,
      jwk: testKey().jwk,
      notBefore: now + 1000,
    });
    const holding = async () => {
      const keys = (await agentFacts(ground, acme.tenant, agent.id))?.keys ?? [];
      return new Set(keys.map((key) => key.id));
    };
    assert.deepEqual(await holding(), new Set([old.key.id]));
    ground.clock.advance(1000);
    assert.deepEqual(await holding(), new Set([old.key.id, next.key.id]));
    ground.clock.advance(1000);
    assert.deepEqual(await holding(), new Set([next.key.id]));
  });

  test('are added by the owner or an administrator, never by another person or by an agent itself', async () => {
    const { ground } = opened;
    const agent = await active();
    const wanted = { agent: agent.id, jwk: testKey().jwk };
    await assert.rejects(addAgentKey(ground, mallory.caller, wanted), { code: 'agent.not_owner' });
    // What an agent's own request would look like if it ever got here, with a role put on top.
    const stolen = {
      kind: 'agent',
      tenant: acme.tenant,
      agent: agent.id,
      roles: ['administrator'],
      who: alice.caller.who,
    };
    const attempt = addAgentKey(ground, stolen as unknown as AgentCaller & typeof alice.caller, wanted);
    await assert.rejects(attempt, { code: 'agent.not_owner' });
    await addAgentKey(ground, acme.admin.caller, wanted);
  });

  test('belong to one agent: the same key for another is refused', async () => {
    const { jwk } = testKey();
    const [one, two] = [await active(), await active()];
    await addAgentKey(opened.ground, alice.caller, { agent: one.id, jwk });
    await assert.rejects(addAgentKey(opened.ground, alice.caller, { agent: two.id, jwk }), { code: 'key.known' });
  });

  test('never outlive the agent, and have a time in which they hold', async () => {
    const { ground } = opened;
    const agent = await active();
    const { jwk } = testKey();
    const { key } = await addAgentKey(ground, alice.caller, { agent: agent.id, jwk, notAfter: agent.expiresAt + 5 });
    assert.equal(key.notAfter, agent.expiresAt);
    const now = ground.clock();
    for (const times of [
      { notAfter: now },
      { notBefore: now + 10, notAfter: now + 10 },
      { notBefore: agent.expiresAt },
    ]) {
      const attempt = addAgentKey(ground, alice.caller, { agent: agent.id, jwk: testKey().jwk, ...times });
      await assert.rejects(attempt, { code: 'request.malformed' });
    }
  });

  test('are revoked for good, which counts the epoch of the agent on', async () => {
    const { ground } = opened;
    const agent = await active();
    const { jwk } = testKey();
    const { key } = await addAgentKey(ground, alice.caller, { agent: agent.id, jwk });
    await assert.rejects(revokeAgentKey(ground, mallory.caller, { agent: agent.id, key: key.id }), {
      code: 'agent.not_owner',
    });
    await revokeAgentKey(ground, alice.caller, { agent: agent.id, key: key.id });
    const facts = await agentFacts(ground, acme.tenant, agent.id);
    assert.deepEqual(facts?.keys, []);
    assert.equal(facts?.agent.epoch, agent.epoch + 1);
    await assert.rejects(revokeAgentKey(ground, alice.caller, { agent: agent.id, key: key.id }), {
      code: 'key.not_active',
    });
    await assert.rejects(addAgentKey(ground, alice.caller, { agent: agent.id, jwk }), { code: 'key.known' });
  });

  test('of another agent are not revoked through this one', async () => {
    const [one, two] = [await active(), await active()];
    const { key } = await addAgentKey(opened.ground, alice.caller, { agent: two.id, jwk: testKey().jwk });
    const attempt = revokeAgentKey(opened.ground, alice.caller, { agent: one.id, key: key.id });
    await assert.rejects(attempt, { code: 'thing.not_found' });
  });

  test('are at most ten at once, and none for a retired agent', async () => {
    const agent = await active();
    const add = () => addAgentKey(opened.ground, alice.caller, { agent: agent.id, jwk: testKey('EdDSA').jwk });
    for (let i = 0; i < 10; i++) await add();
    await assert.rejects(add(), { says: 'Revoke a key first: an agent has at most 10.' });
    await retireAgent(opened.ground, alice.caller, { agent: agent.id, reason });
    await assert.rejects(add(), { code: 'agent.wrong_state' });
  });
});

describe('what stands beside an agent', () => {
  test('one user-shaped record per app, and no record for two agents', async () => {
    const { ground } = opened;
    const [one, two] = [await active(), await active()];
    const user = { agent: one.id, api: 'crm', externalId: 'U1', label: 'Refund bot' };
    await linkAgentUser(ground, alice.caller, user);
    await assert.rejects(linkAgentUser(ground, alice.caller, { ...user, externalId: 'U2' }), { code: 'thing.exists' });
    await assert.rejects(linkAgentUser(ground, alice.caller, { ...user, agent: two.id }), { code: 'thing.exists' });
    await assert.rejects(linkAgentUser(ground, mallory.caller, { ...user, api: 'wiki' }), { code: 'agent.not_owner' });
  });

  test('instances are noted with when they were first and last seen, also when two requests come at once', async () => {
    const { ground } = opened;
    const agent = await active();
    const firstSeenAt = ground.clock();
    const see = () => seeInstance(ground, acme.tenant, { agent: agent.id, jkt: 'jkt', agentKey: 'key' });
    await Promise.all([see(), see(), see()]);
    ground.clock.advance(4999);
    await see();
    assert.equal((await listAgentInstances(ground, acme.tenant, agent.id))[0]?.lastSeenAt, firstSeenAt);
    ground.clock.advance(1);
    await see();
    const seen = await listAgentInstances(ground, acme.tenant, agent.id);
    const times = { firstSeenAt, lastSeenAt: firstSeenAt + 5000 };
    assert.deepEqual(seen, [{ agent: agent.id, jkt: 'jkt', ...times, agentKey: 'key', sharedAt: null }]);
  });
});
