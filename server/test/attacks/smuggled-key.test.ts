// Mallory brings a key of her own to somebody's agent: by a code, by a workload's token, by a key of the agent itself.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { connect, newKey, openKey } from '@ambit/sdk';
import { openCiHouse } from '../ci-house.ts';
import { bearer, rule } from '../ci-service.ts';
import { type Bot, publicHalf, registerBot } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { joins } from './questions.ts';

const scene = await openCiHouse();
const { house, ci, agent: ciBot, honest, passing } = scene;
after(scene.close);

type Told = { readonly status: number; readonly code?: string; readonly agent?: string; readonly id?: string };

/** What somebody with a key of their own is told there; `by` signs the proof, and is the key that would be enrolled. */
async function send(path: string, body: object, by: RawAgent, proof?: string): Promise<Told> {
  const url = `${house.plane.agents}${path}`;
  const text = JSON.stringify(body);
  const dpop = proof ?? (await by.proof('POST', url, { body: text }));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', dpop },
    body: text,
  });
  return { status: response.status, ...((await response.json()) as object) };
}
const redeem = (code: string, by: RawAgent, proof?: string) => send('/v1/agent/enrolments/redeem', { code }, by, proof);
const enrol = (assertion: string, by: RawAgent, client_id: string = ciBot) =>
  send('/v1/agent/keys', { client_id, client_assertion_type: bearer, client_assertion: assertion }, by);
const codeFor = async (bot: Pick<Bot, 'id'>, life = {}) =>
  (await house.alice.operator.agents.enrolCode(bot.id, life)).code;
const keysOf = async ({ id }: Pick<Bot, 'id'>) => (await house.alice.operator.agents.show(id)).keys;
/** Somebody with a fresh key. */
const somebody = () => rawAgent(house, house.malloryBot);

describe('a code', () => {
  test('is used up by the first who brings it, also of two at once', async () => {
    const code = await codeFor(house.refundBot);
    const people = await Promise.all([somebody(), somebody(), somebody()]);
    const told = await Promise.all(people.map((one) => redeem(code, one)));
    assert.deepEqual(told.map(({ status }) => status).toSorted(), [201, 403, 403]);
    assert.equal((await redeem(code, await somebody())).code, 'enrolment.refused');
  });

  test('is nothing after its time, and nothing once a newer one was made', async () => {
    const [first, second] = [await codeFor(house.refundBot), await codeFor(house.refundBot, { ttlSeconds: 60 })];
    assert.equal((await redeem(first, await somebody())).code, 'enrolment.refused');
    passing(61);
    assert.equal((await redeem(second, await somebody())).code, 'enrolment.refused');
  });

  test('that is guessed, or was made for a person, opens nothing', async () => {
    const { enrolment } = await house.ada.operator.persons.register({ name: 'Late', roles: [] });
    const guessed = `${(await codeFor(house.refundBot)).slice(0, -4)}AAAA`;
    for (const code of [guessed, enrolment.code, 'nothing']) {
      assert.equal((await redeem(code, await somebody())).code, 'enrolment.refused');
    }
  });

  test('of somebody who answers for the agent no more is worth nothing', async () => {
    const bot = await registerBot(house.alice, 'handed-on-bot');
    const code = await codeFor(bot);
    const heir = await joins(house, 'Heir', ['owner']);
    await house.ada.operator.agents.reassign(bot.id, heir.id, 'Alice moved.');
    assert.equal((await redeem(code, await somebody())).code, 'enrolment.refused');
  });

  test('that an administrator made while the agent was another’s is worth nothing either', async () => {
    const bot = await registerBot(house.alice, 'given-away-bot');
    const { code } = await house.ada.operator.agents.enrolCode(bot.id);
    const heir = await joins(house, 'Next', ['owner']);
    await house.ada.operator.agents.reassign(bot.id, heir.id, 'Alice moved.');
    assert.equal((await redeem(code, await somebody())).code, 'enrolment.refused');
  });

  test('is asked for by the owner or an administrator, and by nobody else', async () => {
    await assert.rejects(house.bob.operator.agents.enrolCode(house.refundBot.id), { code: 'agent.not_owner' });
  });

  test('that was withdrawn brings no key; nobody but the owner or an administrator withdraws one', async () => {
    const bot = await registerBot(house.alice, 'doubted-bot');
    const code = await codeFor(bot);
    await assert.rejects(house.bob.operator.agents.withdrawCodes(bot.id), { code: 'agent.not_owner' });
    assert.equal((await house.alice.operator.agents.withdrawCodes(bot.id)).withdrawn.length, 1);
    assert.equal((await redeem(code, await somebody())).code, 'enrolment.refused');
    assert.deepEqual((await house.ada.operator.agents.withdrawCodes(bot.id)).withdrawn, []);
    assert.equal((await redeem(await codeFor(bot), await somebody())).status, 201);
  });

  test('brings no key to an agent that was stopped', async () => {
    const bot = await registerBot(house.alice, 'stopped-bot');
    const code = await codeFor(bot);
    await house.alice.operator.agents.suspend(bot.id, 'It acts oddly.');
    assert.equal((await redeem(code, await somebody())).code, 'agent.not_active');
  });

  test('brings no key that somebody has already, and none without its private half', async () => {
    const one = await somebody();
    assert.equal((await redeem(await codeFor(house.refundBot), one)).status, 201);
    assert.equal((await redeem(await codeFor(house.lookupBot), one)).code, 'key.known');
    const other = await somebody();
    const stolen = await other.proof('POST', `${house.plane.agents}/v1/agent/enrolments/redeem`, {
      header: { jwk: one.jwk },
    });
    assert.equal((await redeem(await codeFor(house.lookupBot), other, stolen)).code, 'proof.invalid');
  });

  test('stands nowhere in the log', async () => {
    const code = await codeFor(house.refundBot);
    assert.equal((await redeem(code, await somebody())).status, 201);
    const lines: string[] = [];
    for await (const line of await house.carol.operator.log.export({ details: true })) lines.push(line);
    const log = lines.join('\n');
    assert.match(log, /identity\.agent-key-enrolled/);
    assert.equal(log.includes(code.split('.')[1] ?? code), false);
  });
});

describe('a workload', () => {
  test('enrols nothing where nobody said so', async () => {
    assert.equal((await enrol(await honest(), await somebody())).code, 'identity.enrols_no_key');
  });

  test('enrols a key where the owner did, which ends by itself; the same key again is the same', async () => {
    const [identity] = (await house.alice.operator.agents.show(ciBot)).identities;
    await house.alice.operator.agents.revokeIdentity(ciBot, identity!.id);
    await allow();
    const one = await somebody();
    const token = await honest();
    const told = await enrol(token, one);
    assert.deepEqual([told.status, told.agent], [201, ciBot]);
    const again = await enrol(token, one);
    assert.deepEqual([again.status, again.id], [200, told.id]);
    const enrolled = async () => (await keysOf({ id: ciBot })).filter(({ enrolledBy }) => enrolledBy !== null);
    const [key, ...more] = await enrolled();
    assert.deepEqual([key?.id, key?.holds, more], [told.id, true, []]);
    passing(601);
    assert.deepEqual(
      (await enrolled()).map(({ holds }) => holds),
      [false],
    );
    assert.equal((await enrol(await honest(), one)).code, 'key.known');
  });

  test('a copied token enrols no second key', async () => {
    const token = await honest();
    assert.equal((await enrol(token, await somebody())).status, 201);
    assert.equal((await enrol(token, await somebody())).code, 'assertion.replayed');
  });

  test('its token brings no key to another agent', async () => {
    for (const other of [house.refundBot.id, house.malloryBot.id]) {
      const told = await enrol(await honest(), await somebody(), other);
      assert.deepEqual([told.status, told.code], [401, 'client.unauthenticated']);
    }
    assert.equal(
      (await enrol(await honest({ repository: 'mallory/shop' }), await somebody())).code,
      'workload_token.refused',
    );
  });

  test('has only so many keys that hold, so that there is room for its owner’s', async () => {
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 6; n++) codes.push((await enrol(await honest(), await somebody())).code);
    assert.equal(codes.at(-1), 'state.changed');
    await house.alice.operator.agents.addKey(ciBot, { jwk: publicHalf(await newKey('ES256')) });
  });

  test('what it enrolled ends with the name', async () => {
    const { identities } = await house.alice.operator.agents.show(ciBot);
    for (const { id } of identities) await house.alice.operator.agents.revokeIdentity(ciBot, id);
    const enrolled = (await keysOf({ id: ciBot })).filter(({ enrolledBy }) => enrolledBy !== null);
    assert.ok(enrolled.length > 0 && enrolled.every(({ holds }) => !holds));
    assert.equal((await enrol(await honest(), await somebody())).code, 'client.unauthenticated');
  });
});

test('a key enrols no other: whoever stole one stays with that one', async () => {
  const owner = await rawAgent(house, house.refundBot);
  const told = await enrol(await owner.assertion(), await somebody(), house.refundBot.id);
  assert.deepEqual([told.status, told.code], [403, 'identity.enrols_no_key']);
});

test('where tokens of an issuer count once, not even the key that brought one brings it again', async () => {
  const one = await somebody();
  const logIn = async (assertion: string) => {
    const form = { grant_type: 'client_credentials', client_id: ciBot, client_assertion_type: bearer };
    return (await one.tokenRequest({ ...form, client_assertion: assertion })).status;
  };
  const { id } = await allow();
  const before = await honest();
  assert.deepEqual([await logIn(before), await logIn(before)], [200, 200]);
  await house.ada.operator.tokenIssuers.set({ issuer: ci.issuer, singleUse: true });
  const token = await honest();
  assert.deepEqual([await logIn(token), await logIn(token), await logIn(before)], [200, 401, 401]);
  assert.deepEqual((await Promise.all([1, 2, 3].map(async () => logIn(await honest())))).toSorted(), [200, 200, 200]);
  const raced = await honest();
  assert.deepEqual((await Promise.all([1, 2, 3].map(() => logIn(raced)))).toSorted(), [200, 401, 401]);
  await house.ada.operator.tokenIssuers.set({ issuer: ci.issuer, lifeSecondsMax: 1800 });
  const [kept] = (await house.ada.operator.tokenIssuers.list()).filter(({ issuer }) => issuer === ci.issuer);
  assert.equal(kept?.singleUse, true, 'what is not said stays as it was');
  await house.ada.operator.tokenIssuers.set({ issuer: ci.issuer, singleUse: false });
  await house.alice.operator.agents.revokeIdentity(ciBot, id);
});

describe('with the SDK', () => {
  test('an agent enrols its own key by a code, and works by it', async () => {
    const bot = await registerBot(house.alice, 'coded-bot');
    const key = await newKey('ES256');
    const agent = await connect({ url: house.plane.agents, enrol: await codeFor(bot, { keySeconds: 3600 }), key });
    assert.equal(agent.id, bot.id);
    assert.equal((await agent.accept(await house.openTask({ agent: bot.id }))).id.slice(0, 4), 'tsk_');
    const next = await connect({ url: house.plane.agents, agent: bot.id, key });
    assert.equal((await next.tasks()).length, 1);
  });

  test('a workload enrols one at its first start, and needs its platform no more', async () => {
    await allow();
    const key = await openKey(await newKey('ES256'));
    const url = house.plane.agents;
    const first = await connect({ url, agent: ciBot, workload: { token: () => honest() }, key });
    assert.deepEqual(await first.tasks(), []);
    const second = await connect({ url, agent: ciBot, workload: { token: () => honest() }, key });
    assert.deepEqual(await second.tasks(), []);
  });
});

/** Alice says that the job may enrol keys for ten minutes each. */
const allow = () =>
  house.alice.operator.agents.addIdentity(ciBot, {
    method: 'workload_token',
    issuer: ci.issuer,
    subject: scene.ruleText(rule),
    keySeconds: 600,
  });
