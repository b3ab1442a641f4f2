import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { grantType, type TaskId } from '@ambit/protocol';
import { entry, planeItself, Refusal, update } from '../../foundation/index.ts';
import { addAgentKey, suspendAgent } from '../../identity/index.ts';
import { signAssertion, signProof, testKey } from '../../identity/testing.ts';
import { tasks } from '../../tasks/index.ts';
import { asAgent } from '../as-agent.ts';
import {
  accepted,
  actorToken,
  arriving,
  type Bot,
  claimsIn,
  closeShared,
  forTask,
  openOwnPlane,
  openPlane,
  requestOf,
  type Sending,
  signed,
  type TestPlane,
  tokenFor,
} from '../testing.ts';
import { clientCredentials } from './client-credentials.ts';

after(closeShared);

type Scene = { plane: TestPlane; bot: Bot };

async function opened(t: TestContext): Promise<Scene> {
  const plane = await openPlane();
  t.after(plane.close);
  return { plane, bot: await plane.bot('refund-bot') };
}

const code = (expected: string) => (error: unknown) => error instanceof Refusal && error.code === expected;
const ask = (plane: TestPlane, sending: Sending) => clientCredentials(plane.ground, plane.issuer, arriving(sending));
const plain = (plane: TestPlane, bot: Bot, more: Record<string, string> = {}) =>
  requestOf(plane, bot, { grant_type: grantType.clientCredentials, ...more });
const ofTask = (plane: TestPlane, bot: Bot, task: TaskId) =>
  plain(plane, bot, { authorization_details: forTask(task) });
const entriesOf = (plane: TestPlane, kind: string) =>
  plane.ground.database.log.entries(plane.home.tenant, { kind, limit: 100 });

test('an agent without a task gets a token that speaks to the plane alone', async (t) => {
  const { plane, bot } = await opened(t);
  const answer = await ask(plane, plain(plane, bot));
  const claims = claimsIn(answer.access_token);
  assert.equal(answer.token_type, 'DPoP');
  assert.equal(answer.expires_in, 300);
  assert.equal(claims.aud, 'https://ambit.example/v1');
  assert.equal(claims.sub, bot.agent.id);
  assert.equal(claims.mission, undefined);
});

test('the token of an accepted task names who asked, who acts, which key and which task', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const answer = await ask(plane, ofTask(plane, bot, task.id));
  const { act, cnf, mission, ...claims } = claimsIn(answer.access_token);
  assert.deepEqual(act, {
    iss: 'https://ambit.example',
    sub: `spiffe://acme.example/agent/${bot.agent.id}`,
    sub_profile: 'ai_agent',
  });
  assert.deepEqual(cnf, { jkt: bot.proofKey.thumbprint });
  assert.match(
    JSON.stringify(mission),
    new RegExp(`^{"id":"${task.id}","issuer":"https://ambit.example","authority_hash":"sha-256:`),
  );
  assert.equal(claims.sub, plane.alice.person.id);
  assert.equal(claims.aud, 'https://ambit.example');
  assert.equal(claims.client_id, bot.agent.id);
  assert.equal(claims.txn, task.root);
  assert.deepEqual(answer.authorization_details, [{ type: 'ambit_task', identifier: task.id }]);
  assert.equal((answer as { mission_id?: string }).mission_id, task.id);
});

test('a token never outlives its task', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot, undefined, 60);
  plane.ground.clock.advance(20_000);
  assert.equal((await ask(plane, ofTask(plane, bot, task.id))).expires_in, 40);
});

test('every token is an entry with the person who asked and without the token itself', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const text = await tokenFor(plane, bot, task.id);
  const entries = await plane.ground.database.log.entries(plane.home.tenant, {
    kind: 'token.issued',
    task: task.id,
    limit: 9,
  });
  assert.equal(entries.length, 1);
  assert.equal(entries[0]?.header.who.requester, plane.alice.person.id);
  assert.equal(entries[0]?.header.run, task.root);
  assert.ok(!JSON.stringify(plane.ground.database.log.open(entries[0]!)).includes(text.split('.')[2]!));
});

test('eight requests with the same assertion and proof at once get exactly one token', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const before = (await entriesOf(plane, 'token.issued')).length;
  const sending = ofTask(plane, bot, task.id);
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => ask(plane, sending)));
  assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
  assert.equal((await entriesOf(plane, 'token.issued')).length, before + 1);
});

test('eight fresh assertions over one proof at once get exactly one token', async (t) => {
  const { plane, bot } = await opened(t);
  const [proof = ''] = plain(plane, bot).proofs;
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => ask(plane, { ...plain(plane, bot), proofs: [proof] })),
  );
  assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
  for (const one of results) if (one.status === 'rejected') assert.ok(code('proof.replayed')(one.reason));
});

test('a second instance of the agent with another key finds the task taken, and that is recorded', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const second = { ...bot, proofKey: testKey() };
  await assert.rejects(ask(plane, ofTask(plane, second, task.id)), code('task.taken'));
  const [entry] = await entriesOf(plane, 'token.refused');
  assert.equal(entry?.header.decision, 'deny');
  assert.equal(entry?.header.code, 'task.taken');
  assert.equal(entry?.header.task, task.id);
  assert.equal(entry?.header.who.instance, second.proofKey.thumbprint);
});

test('another registered key of the agent finds the task taken too', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const key = testKey();
  await addAgentKey(plane.ground, plane.alice.caller, { agent: bot.agent.id, jwk: key.jwk });
  await assert.rejects(ask(plane, ofTask(plane, { ...bot, key }, task.id)), code('task.taken'));
});

test('the task of another agent, of another tenant and one that does not exist are refused in the same words', async (t) => {
  const { plane, bot } = await opened(t);
  const other = await plane.bot('lookup-bot');
  const theirs = await accepted(plane, other);
  const neighbour = await plane.nextDoor();
  const mallory = await plane.bot('mallory-bot', await neighbour.join('Mallory'));
  const nobody = plane.ground.newId('task');
  const says: string[] = [];
  for (const [asking, id] of [
    [bot, theirs.id],
    [mallory, theirs.id],
    [bot, nobody],
  ] as const) {
    await assert.rejects(ask(plane, ofTask(plane, asking, id)), (error: unknown) => {
      if (error instanceof Refusal) says.push(`${error.code} ${error.says}`);
      return code('grant.task_unknown')(error);
    });
  }
  assert.equal(new Set(says).size, 1);
});

test('there is no token before the task is accepted, and none after it has ended or its time has come', async (t) => {
  const { plane, bot } = await opened(t);
  const open = await plane.openFor(bot);
  await assert.rejects(ask(plane, ofTask(plane, bot, open.id)), code('grant.task_not_accepted'));
  const short = await accepted(plane, bot, undefined, 60);
  plane.ground.clock.advance(60_000);
  await assert.rejects(ask(plane, ofTask(plane, bot, short.id)), code('task.ended'));
});

test('a suspended agent gets no token', async (t) => {
  const { plane, bot } = await opened(t);
  await suspendAgent(plane.ground, plane.alice.caller, { agent: bot.agent.id, reason: 'acts oddly' });
  await assert.rejects(ask(plane, plain(plane, bot)), code('agent.not_active'));
});

test('an assertion that does not hold gets no token', async (t) => {
  const { plane, bot } = await opened(t);
  const { issuer, ground } = plane;
  const about = { subject: bot.agent.id, issuer: issuer.url, now: ground.clock() };
  const other = await plane.bot('lookup-bot');
  const assertions: [string, string][] = [
    [signAssertion(testKey(), about), 'client.unauthenticated'],
    [signAssertion(other.key, about), 'client.unauthenticated'],
    [signAssertion(testKey(), about, {}, { kid: bot.key.thumbprint }), 'assertion.invalid'],
    [signAssertion(bot.key, { ...about, issuer: 'https://other.example' }), 'assertion.invalid'],
    [signAssertion(bot.key, about, { aud: [issuer.url] }), 'assertion.invalid'],
    [signAssertion(bot.key, about, { aud: `${issuer.url}/oauth/token` }), 'assertion.invalid'],
    [signAssertion(bot.key, about, {}, { alg: 'none' }), 'assertion.invalid'],
    [signAssertion(bot.key, about, {}, { alg: 'HS256' }), 'assertion.invalid'],
    [signAssertion(bot.key, about, {}, { typ: 'dpop+jwt' }), 'assertion.invalid'],
    [signAssertion(bot.key, about, {}, { typ: 'at+jwt' }), 'assertion.invalid'],
    [signAssertion(bot.key, { ...about, now: about.now - 120_000 }), 'assertion.stale'],
    [signAssertion(bot.key, { ...about, now: about.now + 120_000 }), 'assertion.stale'],
    [signAssertion(bot.key, { ...about, seconds: 86_400 }), 'assertion.stale'],
    [requestOf(plane, bot, {}).proofs[0] ?? '', 'assertion.invalid'],
  ];
  for (const [client_assertion, expected] of assertions) {
    await assert.rejects(ask(plane, plain(plane, bot, { client_assertion })), code(expected), expected);
  }
});

test('an assertion is used once, also after another proof', async (t) => {
  const { plane, bot } = await opened(t);
  const sending = plain(plane, bot);
  await ask(plane, sending);
  await assert.rejects(ask(plane, { ...sending, proofs: plain(plane, bot).proofs }), code('assertion.replayed'));
});

test('an assertion that a refused request brought is used up with it', async (t) => {
  const { plane, bot } = await opened(t);
  const refused = ofTask(plane, bot, (await plane.openFor(bot)).id);
  await assert.rejects(ask(plane, refused), code('grant.task_not_accepted'));
  const again = { ...plain(plane, bot), parameters: { ...refused.parameters, authorization_details: '' } };
  delete (again.parameters as Record<string, string>).authorization_details;
  await assert.rejects(ask(plane, again), code('assertion.replayed'));
});

test('whoever brings an assertion that was used is nobody: no entry names the agent, whatever else is wrong', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await plane.openFor(bot);
  const used = plain(plane, bot);
  await ask(plane, used);
  for (const details of [{}, { authorization_details: forTask(task.id) }]) {
    const stolen = plain(plane, bot, { client_assertion: used.parameters.client_assertion!, ...details });
    const isUnrecorded = (error: unknown) =>
      code('assertion.replayed')(error) && (error as Refusal).headers['ambit-entry'] === undefined;
    await assert.rejects(ask(plane, stolen), isUnrecorded);
  }
  assert.equal((await entriesOf(plane, 'token.refused')).length, 0);
});

test('a token, and all that was spent for it, is one unit', async (t) => {
  const { plane, bot } = await opened(t);
  const { database } = plane.ground;
  await ask(plane, plain(plane, bot));
  let units = 0;
  const commit: typeof database.commit = (unit) => {
    units++;
    return database.commit(unit);
  };
  const ground = { ...plane.ground, database: { ...database, commit } };
  await clientCredentials(ground, plane.issuer, arriving(plain(plane, bot)));
  assert.equal(units, 1);
});

test('what was accepted once is refused after a restart too', async (t) => {
  const before = await openOwnPlane();
  const bot = await before.bot('refund-bot');
  const task = await accepted(before, bot);
  const used = ofTask(before, bot, task.id);
  const { access_token } = await ask(before, used);
  const call = signed(before, bot.proofKey, access_token);
  await asAgent(before.ground, before.issuer, 'agent-task', call);
  const plane = await before.restarted();
  t.after(plane.close);
  await assert.rejects(ask(plane, used), code('assertion.replayed'));
  const withOldProof = { ...ofTask(plane, bot, task.id), proofs: used.proofs };
  await assert.rejects(ask(plane, withOldProof), code('proof.replayed'));
  await assert.rejects(asAgent(plane.ground, plane.issuer, 'agent-task', call), code('proof.replayed'));
  await ask(plane, ofTask(plane, bot, task.id));
});

test('what an agent signed as actor token logs nobody in', async (t) => {
  const { plane, bot } = await opened(t);
  const lookup = await plane.bot('lookup-bot');
  const client_assertion = actorToken(plane, lookup);
  const parameters = { ...plain(plane, bot).parameters, client_id: lookup.agent.id, client_assertion };
  await assert.rejects(ask(plane, { ...plain(plane, bot), parameters }), code('assertion.invalid'));
});

test('no proof, two proofs and a proof for elsewhere get no token, and the assertion is not used up', async (t) => {
  const { plane, bot } = await opened(t);
  const sending = plain(plane, bot);
  const [proof = ''] = sending.proofs;
  await assert.rejects(ask(plane, { ...sending, proofs: [] }), code('proof.missing'));
  await assert.rejects(ask(plane, { ...sending, proofs: [proof, proof] }), code('proof.missing'));
  const elsewhere = { method: 'POST', url: 'https://other.example/oauth/token', now: plane.ground.clock() };
  await assert.rejects(ask(plane, { ...sending, proofs: [signProof(bot.proofKey, elsewhere)] }), code('proof.invalid'));
  await ask(plane, sending);
});

test('scopes, foreign targets and details that are not one task are refused', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const details = (...all: object[]) => ({ authorization_details: JSON.stringify(all) });
  const one = { type: 'ambit_task', identifier: task.id };
  const rows: [Record<string, string>, string][] = [
    [{ scope: 'admin' }, 'grant.scope'],
    [{ resource: 'https://shop.example' }, 'grant.target'],
    [{ audience: 'shop' }, 'grant.target'],
    [details(one, one), 'grant.details'],
    [details({ ...one, type: 'payment' }), 'grant.details'],
    [details({ ...one, actions: ['*'] }), 'grant.details'],
    [details({ type: 'ambit_task', identifier: bot.agent.id }), 'grant.details'],
    [details(), 'grant.details'],
    [{ authorization_details: '{' }, 'grant.details'],
    [{ authorization_details: `[{"type":"ambit_task","identifier":"${task.id}","identifier":"x"}]` }, 'grant.details'],
  ];
  for (const [more, expected] of rows) {
    await assert.rejects(ask(plane, plain(plane, bot, more)), code(expected), JSON.stringify(more));
  }
});

test('a task that ends between reading and writing leaves no token', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const { database } = plane.ground;
  const ending = {
    ...plane.ground,
    database: {
      ...database,
      async commit(unit: Parameters<typeof database.commit>[0]) {
        if (unit.entries.some((one) => one.kind === 'token.issued')) {
          const id = plane.ground.newId('entry');
          const changes = [update(tasks, { id: task.id }, { state: 'revoked', epoch: task.epoch + 1 })];
          const entries = [entry({ id, kind: 'task.ended', who: planeItself })];
          await database.commit({ tenant: plane.home.tenant, changes, entries });
        }
        return database.commit(unit);
      },
    },
  };
  const request = arriving(ofTask(plane, bot, task.id));
  await assert.rejects(clientCredentials(ending, plane.issuer, request), code('task.ended'));
});
