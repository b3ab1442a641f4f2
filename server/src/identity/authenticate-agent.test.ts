import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertionType } from '@ambit/protocol';
import { openTestDatabase, openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { activateAgent } from './activate-agent.ts';
import { addAgentKey } from './add-agent-key.ts';
import type { Agent } from './agent.ts';
import { type AuthenticatedAgent, authenticateAgent } from './authenticate-agent.ts';
import { privateKeyJwt } from './clients/private-key-jwt.ts';
import { disablePerson } from './disable-person.ts';
import { registerAgent } from './register-agent.ts';
import { revokeAgentKey } from './revoke-agent-key.ts';
import { suspendAgent } from './suspend-agent.ts';
import { foundTenant, type Member, signAssertion, type TestKey, type TestTenant, testKey } from './testing.ts';

const issuer = 'https://ambit.example';
const at = { url: issuer, clients: [privateKeyJwt] };
let opened: TestStore;
let acme: TestTenant;
let named = 0;
before(async () => {
  opened = await openTestStore();
  acme = await foundTenant(opened.ground, 'Acme');
});
after(() => opened.close());

type Ready = {
  readonly owner: Member;
  readonly agent: Agent;
  readonly key: TestKey;
  readonly keyId: Parameters<typeof revokeAgentKey>[2]['key'];
};

async function ready(tenant: TestTenant = acme, times: { notBefore?: number } = {}): Promise<Ready> {
  const { ground } = opened;
  const owner = await tenant.join(`Alice ${named}`);
  const wanted = {
    name: `refund-bot-${named++}`,
    team: 'support',
    purpose: 'settles damaged orders',
    environment: 'production',
    zone: 'shop',
    expiresAt: ground.clock() + 86_400_000,
    ceiling: [],
    liveTasksMax: 5,
  };
  const { agent } = await registerAgent(ground, owner.caller, wanted);
  const key = testKey();
  const added = await addAgentKey(ground, owner.caller, { agent: agent.id, jwk: key.jwk, ...times });
  const { agent: active } = await activateAgent(ground, owner.caller, agent.id);
  return { owner, agent: active, key, keyId: added.key.id };
}

const assertionOf = ({ agent, key }: Ready, claims: object = {}, header: object = {}) =>
  signAssertion(key, { subject: agent.id, issuer, now: opened.ground.clock() }, claims, header);
const send = (assertion: string | undefined, more: Record<string, string> = {}, authorization?: string) =>
  authenticateAgent(opened.ground, at, {
    parameters: { client_assertion_type: assertionType.jwtBearer, client_assertion: assertion, ...more },
    authorization,
    certificate: null,
    holder: null,
  });

describe('an agent proves itself', () => {
  test('with private_key_jwt, and the evidence names tenant, agent, owner and key', async () => {
    const bot = await ready();
    const proved: AuthenticatedAgent = await send(assertionOf(bot), { client_id: bot.agent.id });
    assert.equal(proved.tenant, acme.tenant);
    assert.deepEqual(proved.agent, bot.agent);
    assert.equal(proved.owner.id, bot.owner.person.id);
    assert.equal(proved.agentKey, bot.key.thumbprint);
    assert.equal(proved.method, 'private_key_jwt');
  });

  test('with the old and the new key while both hold', async () => {
    const bot = await ready();
    const next = testKey('EdDSA');
    await addAgentKey(opened.ground, bot.owner.caller, { agent: bot.agent.id, jwk: next.jwk });
    await send(assertionOf(bot));
    await send(assertionOf({ ...bot, key: next }));
  });
});

describe('an agent is refused', () => {
  test('with a shared secret, in a sentence that says what to use', async () => {
    const bot = await ready();
    const expected = { code: 'client.secret_refused', says: /private_key_jwt/ };
    await assert.rejects(send(undefined, { client_id: bot.agent.id, client_secret: 'hunter2' }), expected);
    await assert.rejects(send(assertionOf(bot), { client_secret: 'hunter2' }), expected);
    await assert.rejects(send(undefined, {}, 'Basic YWd0OmgyMg=='), expected);
  });

  test('without an assertion, or with another type of one', async () => {
    const bot = await ready();
    await assert.rejects(send(undefined), { code: 'client.unauthenticated' });
    const saml = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' };
    await assert.rejects(send(assertionOf(bot), saml), { code: 'client.unauthenticated' });
    await assert.rejects(send('not a token'), { code: 'assertion.invalid' });
  });

  test('in the same words whether it is unknown, has another key, or names another client', async () => {
    const bot = await ready();
    const unknown = signAssertion(bot.key, { subject: 'agt_00000000000000000000', issuer, now: opened.ground.clock() });
    const attempts = [
      send(unknown),
      send(assertionOf({ ...bot, key: testKey() })),
      send(assertionOf(bot), { client_id: acme.admin.person.id }),
      send(signAssertion(acme.admin.key, { subject: acme.admin.person.id, issuer, now: opened.ground.clock() })),
    ];
    const says = await Promise.all(attempts.map((one) => one.then(String, (error) => `${error.code}: ${error.says}`)));
    assert.equal(new Set(says).size, 1);
    assert.match(says[0] ?? '', /^client\.unauthenticated: /);
  });

  test('when the named key signed nothing of it', async () => {
    const bot = await ready();
    const forged = signAssertion(
      testKey(),
      { subject: bot.agent.id, issuer, now: opened.ground.clock() },
      {},
      { kid: bot.key.thumbprint },
    );
    await assert.rejects(send(forged), { code: 'assertion.invalid' });
  });

  test('with the key of a neighbour, whichever id it names', async () => {
    const other = await foundTenant(opened.ground, 'Neighbour');
    const [mine, theirs] = [await ready(), await ready(other)];
    await assert.rejects(send(assertionOf({ ...theirs, key: mine.key })), { code: 'client.unauthenticated' });
    assert.equal((await send(assertionOf(theirs))).tenant, other.tenant);
  });

  test('with a key that is revoked, or whose time has not come', async () => {
    const { ground } = opened;
    const early = await ready(acme, { notBefore: ground.clock() + 60_000 });
    await assert.rejects(send(assertionOf(early)), { code: 'client.unauthenticated' });
    const bot = await ready();
    await revokeAgentKey(ground, bot.owner.caller, { agent: bot.agent.id, key: bot.keyId });
    await assert.rejects(send(assertionOf(bot)), { code: 'client.unauthenticated' });
  });

  test('while suspended, after its expiry, and when its owner has left', async () => {
    const { ground } = opened;
    const suspended = await ready();
    await suspendAgent(ground, suspended.owner.caller, { agent: suspended.agent.id, reason: 'odd' });
    await assert.rejects(send(assertionOf(suspended)), { code: 'agent.not_active' });
    const orphan = await ready();
    await disablePerson(ground, acme.admin.caller, { person: orphan.owner.person.id, reason: 'left' });
    await assert.rejects(send(assertionOf(orphan)), { code: 'agent.owner_not_active' });
    const old = await ready();
    ground.clock.advance(86_400_000);
    // Its keys end with it, and whoever signs with one is told so.
    await assert.rejects(send(assertionOf(old)), { code: 'client.key_ended' });
  });

  test('with an audience that is not exactly the issuer, or a life of more than five minutes', async () => {
    const bot = await ready();
    await assert.rejects(send(assertionOf(bot, { aud: [issuer] })), { code: 'assertion.invalid' });
    await assert.rejects(send(assertionOf(bot, { aud: `${issuer}/oauth/token` })), { code: 'assertion.invalid' });
    const exp = opened.ground.clock() / 1000 + 301;
    await assert.rejects(send(assertionOf(bot, { exp })), { code: 'assertion.stale' });
  });
});

describe('an assertion counts once', () => {
  test('however many bring it at the same moment', async () => {
    const text = assertionOf(await ready());
    const results = await Promise.allSettled([send(text), send(text), send(text)]);
    assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
    for (const one of results) if (one.status === 'rejected') assert.equal(one.reason.code, 'assertion.replayed');
  });

  test('also at the process that opens the store next', async () => {
    const text = assertionOf(await ready());
    await send(text);
    const { ground, directory } = opened;
    await ground.database.close();
    const database = await openTestDatabase(directory, ground.clock);
    const restarted = { ...ground, database };
    const parameters = { client_assertion_type: assertionType.jwtBearer, client_assertion: text };
    const again = await authenticateAgent(restarted, at, {
      parameters,
      authorization: undefined,
      certificate: null,
      holder: null,
    }).catch((error) => error);
    await database.close();
    rmSync(directory, { recursive: true });
    opened = await openTestStore();
    acme = await foundTenant(opened.ground, 'Acme');
    assert.equal(again.code, 'assertion.replayed');
  });

  test('and one that was refused was not spent', async () => {
    const bot = await ready();
    const text = assertionOf(bot);
    await assert.rejects(send(text, { client_id: 'somebody' }), { code: 'client.unauthenticated' });
    await send(text);
  });
});
