import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { refusalRow, tokenType } from '@ambit/protocol';
import { Refusal } from '../../foundation/index.ts';
import { suspendAgent } from '../../identity/index.ts';
import { signProof, testKey } from '../../identity/testing.ts';
import { type Task, tasksOfRun } from '../../tasks/index.ts';
import { asAgent } from '../as-agent.ts';
import {
  accepted,
  actorToken,
  arriving,
  type Bot,
  claimsIn,
  closeShared,
  type Exchange,
  exchanged,
  exchangeRequest,
  lookUp,
  openPlane,
  orders,
  payroll,
  signed,
  type TestPlane,
  tokenFor,
} from '../testing.ts';
import { verifyToken } from '../verify-token.ts';
import { exchangeToken } from './token-exchange.ts';

after(closeShared);

type Scene = { plane: TestPlane; from: Bot; to: Bot; task: Task; subject: string };

async function opened(t: TestContext): Promise<Scene> {
  const plane = await openPlane();
  t.after(plane.close);
  const from = await plane.bot('refund-bot');
  const to = await plane.bot('lookup-bot');
  const task = await accepted(plane, from);
  return { plane, from, to, task, subject: await tokenFor(plane, from, task.id) };
}

const code = (expected: string) => (error: unknown) => error instanceof Refusal && error.code === expected;
const oauth = (expected: string) => (error: unknown) =>
  error instanceof Refusal && refusalRow(error.code).oauth === expected;
const refusals = async (plane: TestPlane) =>
  plane.ground.database.log.entries(plane.home.tenant, { kind: 'task.delegation-refused', limit: 100 });
const answerOf = (answer: Awaited<ReturnType<typeof exchanged>>) => answer as Record<string, unknown> & typeof answer;

test('an agent hands part of its task to another, whose token names both of them', async (t) => {
  const { plane, from, to, task, subject } = await opened(t);
  const answer = answerOf(await exchanged(plane, { from, subject, to }));
  const claims = claimsIn(answer.access_token);
  assert.equal(answer.issued_token_type, tokenType.accessToken);
  assert.equal(answer.token_type, 'DPoP');
  assert.deepEqual(answer.authorization_details, lookUp);
  assert.equal(claims.client_id, to.agent.id);
  assert.equal(claims.sub, plane.alice.person.id);
  assert.deepEqual(claims.cnf, { jkt: to.proofKey.thumbprint });
  assert.equal(claims.txn, task.id);
  const name = (bot: Bot) => `spiffe://acme.example/agent/${bot.agent.id}`;
  assert.deepEqual(claims.act, {
    iss: plane.issuer.url,
    sub: name(to),
    sub_profile: 'ai_agent',
    act: { iss: plane.issuer.url, sub: name(from), sub_profile: 'ai_agent' },
  });
  const run = await tasksOfRun(plane.ground, plane.home.tenant, task.root);
  const child = run.find((one) => one.parent === task.id);
  assert.equal(answer.mission_id, child?.id);
  assert.equal(child?.acceptedJkt, to.proofKey.thumbprint);
});

test('the new token works for the other agent’s key and for no other, not even the one that asked for it', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const { access_token } = await exchanged(plane, { from, subject, to });
  const send = (bot: Bot) =>
    asAgent(plane.ground, plane.issuer, 'agent-task', signed(plane, bot.proofKey, access_token));
  assert.equal((await send(to)).agent, to.agent.id);
  await assert.rejects(send(from), code('token.other_key'));
});

test('the other agent renews its token for the delegated task with its own keys', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const answer = answerOf(await exchanged(plane, { from, subject, to }));
  const again = await tokenFor(plane, to, answer.mission_id as Task['id']);
  assert.equal(claimsIn(again).client_id, to.agent.id);
});

test('an agent narrows its task for itself without an actor token', async (t) => {
  const { plane, from, subject } = await opened(t);
  const { access_token } = await exchanged(plane, { from, subject });
  const claims = claimsIn(access_token);
  assert.equal(claims.client_id, from.agent.id);
  assert.deepEqual(claims.cnf, { jkt: from.proofKey.thumbprint });
});

test('a token from an exchange does not outlive the one it came from, nor the time asked for', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  plane.ground.clock.advance(100_000);
  assert.equal((await exchanged(plane, { from, subject, to })).expires_in, 200);
  assert.equal((await exchanged(plane, { from, subject, to, more: { ambit_ttl_seconds: '30' } })).expires_in, 30);
});

test('more than the parent has is refused, and the run shows who asked for what', async (t) => {
  const { plane, from, to, task, subject } = await opened(t);
  await assert.rejects(exchanged(plane, { from, subject, to, authority: payroll }), code('task.widened'));
  const [entry] = await refusals(plane);
  assert.equal(entry?.header.decision, 'deny');
  assert.equal(entry?.header.code, 'task.widened');
  assert.equal(entry?.header.task, task.id);
  assert.equal(entry?.header.run, task.root);
  assert.equal(entry?.header.who.requester, plane.alice.person.id);
  const detail = plane.ground.database.log.open(entry!)?.detail as { actor: object; wish: { authority: object } };
  assert.equal((detail.actor as { agent: string }).agent, to.agent.id);
  assert.deepEqual(detail.wish.authority, payroll);
});

test('the other agent cannot widen what it was given, however it asks', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const { access_token } = await exchanged(plane, { from, subject, to });
  const widening: Exchange = { from: to, subject: access_token, authority: orders };
  await assert.rejects(exchanged(plane, widening), code('task.widened'));
  await assert.rejects(exchanged(plane, { ...widening, to: from }), code('task.widened'));
  await exchanged(plane, { from: to, subject: access_token });
});

test('a refusal is recorded once and its answer names the entry', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  await assert.rejects(
    exchanged(plane, { from, subject, to, authority: payroll }),
    (error: unknown) => error instanceof Refusal && /^ent_/.test(error.headers['ambit-entry'] ?? ''),
  );
  assert.equal((await refusals(plane)).length, 1);
});

test('eight identical exchanges at once make one task and one token', async (t) => {
  const { plane, from, to, task, subject } = await opened(t);
  const sending = exchangeRequest(plane, { from, subject, to });
  const once = () => exchangeToken(plane.ground, plane.issuer, arriving(sending));
  const results = await Promise.allSettled(Array.from({ length: 8 }, once));
  assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
  assert.equal((await tasksOfRun(plane.ground, plane.home.tenant, task.root)).length, 2);
});

test('the task and its token come to be in one unit with all that was spent, or not at all', async (t) => {
  const { plane, from, to, task, subject } = await opened(t);
  const { database } = plane.ground;
  const units: Parameters<typeof database.commit>[0][] = [];
  const commit: typeof database.commit = (unit) => {
    units.push(unit);
    return database.commit(unit);
  };
  const exchange = (commit: typeof database.commit) => {
    const sending = exchangeRequest(plane, { from, subject, to });
    return exchangeToken({ ...plane.ground, database: { ...database, commit } }, plane.issuer, arriving(sending));
  };
  await exchange(commit);
  assert.deepEqual(
    units.map(({ entries }) => entries.map(({ kind }) => kind)),
    [['task.delegated', 'token.exchanged'], []],
  );
  let isSuspended = false;
  const overtaken = exchange(async (unit) => {
    // Between what was read and the unit that relies on it.
    if (!isSuspended)
      await suspendAgent(plane.ground, plane.alice.caller, { agent: to.agent.id, reason: 'acts oddly' });
    isSuspended = true;
    return database.commit(unit);
  });
  await assert.rejects(overtaken, code('state.changed'));
  assert.equal((await tasksOfRun(plane.ground, plane.home.tenant, task.root)).length, 2);
});

test('an actor token counts once, whoever brings it, also after a refusal', async (t) => {
  const { plane, from, to, task, subject } = await opened(t);
  const actor = { actor_token: actorToken(plane, to), actor_token_type: tokenType.jwt };
  await exchanged(plane, { from, subject, more: actor });
  await assert.rejects(exchanged(plane, { from, subject, more: actor }), code('assertion.replayed'));
  assert.equal((await tasksOfRun(plane.ground, plane.home.tenant, task.root)).length, 2);
  const next = { actor_token: actorToken(plane, to), actor_token_type: tokenType.jwt };
  await assert.rejects(exchanged(plane, { from, subject, authority: payroll, more: next }), code('task.widened'));
  await assert.rejects(exchanged(plane, { from, subject, more: next }), code('assertion.replayed'));
});

test('a proof counts once across exchanges, and its replay is recorded as one', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const first = exchangeRequest(plane, { from, subject, to });
  await exchangeToken(plane.ground, plane.issuer, arriving(first));
  for (const authority of [lookUp, payroll]) {
    const again = { ...exchangeRequest(plane, { from, subject, to, authority }), proofs: first.proofs };
    await assert.rejects(exchangeToken(plane.ground, plane.issuer, arriving(again)), code('proof.replayed'));
  }
  assert.deepEqual(
    (await refusals(plane)).map((one) => one.header.code),
    ['proof.replayed', 'proof.replayed'],
  );
});

test('actor_token and its type come together or not at all', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const alone = exchanged(plane, { from, subject, more: { actor_token: actorToken(plane, to) } });
  await assert.rejects(alone, code('exchange.actor_pair'));
  const typeOnly = exchanged(plane, { from, subject, more: { actor_token_type: tokenType.jwt } });
  await assert.rejects(typeOnly, oauth('invalid_request'));
});

test('an actor token that does not hold is an invalid request', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const seconds = plane.ground.clock() / 1000;
  const neighbour = await plane.nextDoor();
  const foreign = await plane.bot('mallory-bot', await neighbour.join('Mallory'));
  const tokens: [string, string][] = [
    ['signed by a key nobody registered', actorToken(plane, { ...to, key: testKey() })],
    ['signed by the asking agent', actorToken(plane, { ...to, key: from.key })],
    ['under a borrowed kid', actorToken(plane, { ...to, key: testKey() }, {}, { kid: to.key.thumbprint })],
    ['for another issuer', actorToken(plane, to, { aud: 'https://other.example' })],
    ['two minutes long', actorToken(plane, to, { exp: seconds + 120 })],
    ['expired', actorToken(plane, to, { iat: seconds - 120, exp: seconds - 61 })],
    ['from the future', actorToken(plane, to, { iat: seconds + 60, exp: seconds + 90 })],
    ['naming no key', actorToken(plane, to, { cnf: undefined })],
    ['naming something else', actorToken(plane, to, { cnf: 'key' })],
    ['speaking for another', actorToken(plane, to, { sub: from.agent.id })],
    ['without a signature', actorToken(plane, to, {}, { alg: 'none' })],
    ['of another kind', actorToken(plane, to, {}, { typ: 'dpop+jwt' })],
    ['of an agent next door', actorToken(plane, foreign)],
    ['an access token', subject],
  ];
  for (const [what, actor_token] of tokens) {
    const more = { actor_token, actor_token_type: tokenType.jwt };
    await assert.rejects(exchanged(plane, { from, subject, more }), code('exchange.actor_invalid'), what);
  }
});

test('a subject token that is not the caller’s own is an invalid request', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const theirs = await tokenFor(plane, to, (await accepted(plane, to)).id);
  const plain = await tokenFor(plane, from);
  const forged = `${subject.slice(0, -4)}AAAA`;
  for (const one of [theirs, plain, forged, actorToken(plane, from), 'x']) {
    await assert.rejects(exchanged(plane, { from, subject: one, to }), code('exchange.subject_invalid'));
  }
  const saml = { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' };
  await assert.rejects(exchanged(plane, { from, subject, to, more: saml }), oauth('invalid_request'));
  const refresh = { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' };
  await assert.rejects(exchanged(plane, { from, subject, to, more: refresh }), oauth('invalid_request'));
});

test('a stolen subject token is refused: the proof must be by the key that it is bound to', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const thief = { ...from, proofKey: testKey() };
  await assert.rejects(exchanged(plane, { from: thief, subject, to }), code('exchange.subject_invalid'));
  const sending = exchangeRequest(plane, { from, subject, to });
  const about = { method: 'POST', url: `${plane.issuer.url}/oauth/token`, now: plane.ground.clock() };
  const swapped = { ...sending, proofs: [signProof(to.proofKey, about)] };
  await assert.rejects(exchangeToken(plane.ground, plane.issuer, arriving(swapped)), code('exchange.subject_invalid'));
});

test('a chain has at most five delegations, then the request is invalid', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const bots = [to, from];
  let [holder, token] = [from, subject];
  for (let depth = 1; depth <= 5; depth++) {
    const next = bots[(depth + 1) % 2]!;
    token = (await exchanged(plane, { from: holder, subject: token, to: next })).access_token;
    holder = next;
  }
  const rules = {
    keys: plane.issuer.keys(),
    issuer: plane.issuer.url,
    audience: plane.issuer.url,
    now: plane.ground.clock(),
  };
  let links = 0;
  for (let act: unknown = verifyToken(token, rules).actor; act; act = (act as { act?: unknown }).act) links++;
  assert.equal(links, 6);
  const deeper = exchanged(plane, { from: holder, subject: token, to });
  await assert.rejects(deeper, (error) => code('task.too_deep')(error) && oauth('invalid_request')(error));
});

test('when an agent along the chain is suspended, what it handed on is dead', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const { access_token } = await exchanged(plane, { from, subject, to });
  await suspendAgent(plane.ground, plane.alice.caller, { agent: from.agent.id, reason: 'acts oddly' });
  const request = signed(plane, to.proofKey, access_token);
  await assert.rejects(asAgent(plane.ground, plane.issuer, 'agent-task', request), code('agent.not_active'));
  await assert.rejects(exchanged(plane, { from: to, subject: access_token }), code('agent.not_active'));
});

test('without grants, without a purpose or with a strange lifetime there is no delegation', async (t) => {
  const { plane, from, to, subject } = await opened(t);
  const rows: [Record<string, string>, string][] = [
    [{ authorization_details: '[]' }, 'grant.details'],
    [{ authorization_details: '"x"' }, 'grant.details'],
    [{ authorization_details: '[{"type":"ambit_grant","actions":["shop:*"],"where":{}}]' }, 'authority.malformed'],
    [{ authorization_details: '[{"type":"ambit_grant"}]' }, 'authority.malformed'],
    [{ ambit_purpose: 'x'.repeat(501) }, 'request.malformed'],
    [{ ambit_ttl_seconds: '1e9' }, 'request.malformed'],
    [{ ambit_ttl_seconds: '-1' }, 'request.malformed'],
    [{ scope: 'all' }, 'grant.scope'],
    [{ resource: 'https://shop.example' }, 'grant.target'],
  ];
  for (const [more, expected] of rows) {
    await assert.rejects(exchanged(plane, { from, subject, to, more }), code(expected), JSON.stringify(more));
  }
});
