import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { Refusal } from '../foundation/index.ts';
import { agentFacts, disablePerson, revokeAgentKey, suspendAgent } from '../identity/index.ts';
import { rawRequest, signProof, testKey } from '../identity/testing.ts';
import { asAgent } from './as-agent.ts';
import { accepted, type Bot, closeShared, openPlane, signed, type TestPlane, tokenFor } from './testing.ts';
import { verify } from './verify.ts';

after(closeShared);

type Scene = { plane: TestPlane; bot: Bot };

async function opened(t: TestContext): Promise<Scene> {
  const plane = await openPlane();
  t.after(plane.close);
  return { plane, bot: await plane.bot('refund-bot') };
}

const code = (expected: string) => (error: unknown) => error instanceof Refusal && error.code === expected;
const call = (plane: TestPlane, request: Parameters<typeof asAgent>[3], who: 'agent' | 'agent-task' = 'agent') =>
  asAgent(plane.ground, plane.issuer, who, request);

test('an agent with its own token and key is known, with the person who asked', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const token = await tokenFor(plane, bot, task.id);
  const caller = await call(plane, signed(plane, bot.proofKey, token), 'agent-task');
  assert.equal(caller.agent, bot.agent.id);
  assert.equal(caller.task, task.id);
  assert.equal(caller.jkt, bot.proofKey.thumbprint);
  assert.equal(caller.agentKey, bot.key.thumbprint);
  assert.equal(caller.who.requester, plane.alice.person.id);
  assert.equal(caller.who.environment, 'test');
});

test('a stolen copy of the token is worth nothing without the key', async (t) => {
  const { plane, bot } = await opened(t);
  const token = await tokenFor(plane, bot);
  await assert.rejects(call(plane, signed(plane, testKey(), token)), code('token.other_key'));
});

test('a token that is bound to a key is refused as a bearer token', async (t) => {
  const { plane, bot } = await opened(t);
  const { rawHeaders } = signed(plane, bot.proofKey, await tokenFor(plane, bot));
  const headers: [string, string][] = [
    ['Authorization', (rawHeaders[1] ?? '').replace('DPoP', 'Bearer')],
    ['DPoP', rawHeaders[3] ?? ''],
  ];
  await assert.rejects(call(plane, rawRequest('GET', '/v1/agent/tasks', headers)), code('token.bearer_refused'));
});

test('a proof counts once, also when it comes eight times at once', async (t) => {
  const { plane, bot } = await opened(t);
  const request = signed(plane, bot.proofKey, await tokenFor(plane, bot));
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => call(plane, request)));
  assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
  for (const one of results) if (one.status === 'rejected') assert.ok(code('proof.replayed')(one.reason));
});

test('verifying alone writes nothing: the proof is spent by the unit that relies on it', async (t) => {
  const { plane, bot } = await opened(t);
  const request = signed(plane, bot.proofKey, await tokenFor(plane, bot));
  const as = { tokenFor: 'plane', channel: 'gateway' } as const;
  const first = verify(plane.issuer, request, plane.ground.clock(), as);
  const second = verify(plane.issuer, request, plane.ground.clock(), as);
  const { tenant } = first.caller;
  await plane.ground.database.commit({ tenant, changes: first.spend, entries: [] });
  await assert.rejects(
    plane.ground.database.commit({ tenant, changes: second.spend, entries: [] }),
    code('proof.replayed'),
  );
});

test('the token of a task is not taken where a token of the agent is asked for, nor the other way round', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const ofTask = await tokenFor(plane, bot, task.id);
  await assert.rejects(call(plane, signed(plane, bot.proofKey, ofTask)), code('token.wrong_audience'));
  const ofAgent = await tokenFor(plane, bot);
  await assert.rejects(call(plane, signed(plane, bot.proofKey, ofAgent), 'agent-task'), code('token.wrong_audience'));
});

test('a proof for another method, URL, token or body is refused', async (t) => {
  const { plane, bot } = await opened(t);
  const token = await tokenFor(plane, bot);
  const other = await tokenFor(plane, bot);
  const url = '/v1/agent/tasks';
  const now = plane.ground.clock();
  const send = (proof: string, body?: Uint8Array) =>
    call(
      plane,
      rawRequest(
        'POST',
        url,
        [
          ['Authorization', `DPoP ${token}`],
          ['DPoP', proof],
        ],
        body,
      ),
    );
  const good = { method: 'POST', url: plane.issuer.url + url, now, token };
  await assert.rejects(send(signProof(bot.proofKey, { ...good, method: 'GET' })), code('proof.invalid'));
  await assert.rejects(send(signProof(bot.proofKey, { ...good, url: `${good.url}/x` })), code('proof.invalid'));
  await assert.rejects(send(signProof(bot.proofKey, { ...good, token: other })), code('proof.invalid'));
  await assert.rejects(send(signProof(bot.proofKey, good), Buffer.from('{}')), code('proof.body_missing'));
  const thirty = signProof(bot.proofKey, { ...good, body: Buffer.from('{"amount":"30.00"}') });
  await assert.rejects(send(thirty, Buffer.from('{"amount":"90.00"}')), code('proof.body_mismatch'));
  await send(signProof(bot.proofKey, good));
});

test('two tokens, two proofs or none are refused', async (t) => {
  const { plane, bot } = await opened(t);
  const { rawHeaders } = signed(plane, bot.proofKey, await tokenFor(plane, bot));
  const [, authorization = '', , proof = ''] = rawHeaders;
  const send = (...headers: [string, string][]) => call(plane, rawRequest('GET', '/v1/agent/tasks', headers));
  const [a, p]: [string, string][] = [
    ['Authorization', authorization],
    ['DPoP', proof],
  ];
  await assert.rejects(send(a!, a!, p!), code('request.malformed'));
  await assert.rejects(send(a!, p!, p!), code('proof.missing'));
  await assert.rejects(send(a!), code('proof.missing'));
  await assert.rejects(send(p!), code('token.missing'));
  await assert.rejects(send(['Authorization', `${authorization}, DPoP x`], p!), code('token.missing'));
});

test('a refused credential is answered with the challenge for it', async (t) => {
  const { plane, bot } = await opened(t);
  const nobody = rawRequest('GET', '/v1/agent/tasks', []);
  const challenge = (expected: RegExp) => (error: unknown) =>
    error instanceof Refusal && expected.test(error.headers['www-authenticate'] ?? '');
  await assert.rejects(call(plane, nobody), challenge(/^DPoP algs="[^"]+", resource_metadata="/));
  const stolen = signed(plane, testKey(), await tokenFor(plane, bot));
  await assert.rejects(call(plane, stolen), challenge(/^DPoP error="invalid_token", algs=/));
});

test('an expired token is refused', async (t) => {
  const { plane, bot } = await opened(t);
  const token = await tokenFor(plane, bot);
  plane.ground.clock.advance(300_000);
  await assert.rejects(call(plane, signed(plane, bot.proofKey, token)), code('token.expired'));
});

test('a token is dead as soon as its agent, its key, its owner or the person who asked is', async (t) => {
  const { plane, bot } = await opened(t);
  const { ground, alice, home } = plane;
  const carol = await home.join('Carol', { delegable: [] });
  const lookup = await plane.bot('lookup-bot', carol);
  const task = await accepted(plane, lookup);
  const token = await tokenFor(plane, lookup, task.id);
  const send = (one: Bot, text: string, who: 'agent' | 'agent-task') =>
    call(plane, signed(plane, one.proofKey, text), who);
  await send(lookup, token, 'agent-task');

  const ofBot = await tokenFor(plane, bot);
  await suspendAgent(ground, alice.caller, { agent: bot.agent.id, reason: 'acts oddly' });
  await assert.rejects(send(bot, ofBot, 'agent'), code('agent.not_active'));

  await disablePerson(ground, home.admin.caller, { person: alice.person.id, reason: 'left' });
  await assert.rejects(send(lookup, token, 'agent-task'), code('token.requester_not_active'));

  const ofLookup = await tokenFor(plane, lookup);
  await disablePerson(ground, home.admin.caller, { person: carol.person.id, reason: 'left' });
  await assert.rejects(send(lookup, ofLookup, 'agent'), code('agent.owner_not_active'));
});

test('a token is dead as soon as the key that the agent proved itself with is revoked', async (t) => {
  const { plane, bot } = await opened(t);
  const token = await tokenFor(plane, bot);
  const facts = await agentFacts(plane.ground, plane.home.tenant, bot.agent.id);
  await revokeAgentKey(plane.ground, plane.alice.caller, { agent: bot.agent.id, key: facts!.keys[0]!.id });
  await assert.rejects(call(plane, signed(plane, bot.proofKey, token)), code('token.key_revoked'));
});
