// What was accepted once is tried again where nobody remembers it: after a restart, and after a crash in mid-air.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { grantType } from '@ambit/protocol';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent } from '../raw-agent.ts';
import { intoProcess } from './plane-process.ts';
import {
  answer,
  callsOf,
  handmadeUpstream,
  outcomeOf,
  refund,
  refundsPath,
  refundsUpTo,
  refused,
  type Upstream,
  until,
} from './witness.ts';

let house: House;
let upstream: Upstream;
let agent: RawAgent;
let silent = false;
before(async () => {
  upstream = await handmadeUpstream(({ line, socket }) => {
    if (line.startsWith('GET ')) return answer(socket, 200, { id: order });
    if (!silent) answer(socket, 201, { id: 'rfd_1' });
  });
  house = await openHouse({ upstream: upstream.url });
  agent = await rawAgent(house, house.refundBot);
});
after(async () => {
  await house.close();
  await upstream.close();
});

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

/** Something that is accepted now and must be refused by the next process; answers how to try it again. */
type Replay = () => Promise<() => Promise<void>>;

const replays: Record<string, Replay> = {
  async 'a proof'() {
    const task = await house.openTask({ authority: refundsUpTo('250.00') });
    const token = await agent.accept(task);
    const rawBody = JSON.stringify({ amount: '10.00', currency: 'USD' });
    const proof = await agent.proof('POST', `${house.plane.agents}${refundsPath}`, { token, body: rawBody });
    const play = () => agent.call(token, 'POST', refundsPath, { rawBody, proof });
    assert.equal((await play()).status, 201);
    return async () => {
      assert.match((await refused(await play(), 'proof.replayed')).detail, /new DPoP proof for every request/);
      const decided = (await callsOf(house, task)).map((step) => [step.decided, step.code]);
      assert.deepEqual(decided, [
        ['permit', null],
        ['deny', 'proof.replayed'],
      ]);
    };
  },
  async 'an assertion'() {
    const form = { grant_type: grantType.clientCredentials, client_assertion: await agent.assertion() };
    assert.equal((await agent.tokenRequest(form)).status, 200);
    return async () => {
      const second = await agent.tokenRequest(form);
      assert.equal(second.status, 401);
      assert.equal(await codeOf(second), 'assertion.replayed');
    };
  },
  async 'an actor token'() {
    const task = await house.openTask();
    const token = await agent.accept(task);
    const actor = await (await rawAgent(house, house.lookupBot)).actorToken();
    const less = [only('shop:shipping.get', 'path.orderId', order)];
    const play = () => agent.tokenRequest(exchangeForm(token, actor, less));
    assert.equal((await play()).status, 200);
    return async () => {
      const second = await play();
      assert.equal(second.status, 401);
      assert.equal(await codeOf(second), 'assertion.replayed');
      assert.equal((await house.carol.operator.tasks.show(task)).run.length, 2, 'a second task was made');
    };
  },
  async 'Bob’s yes'() {
    const { question } = await asked('80.00');
    const sent = upstream.writes().length;
    await house.bob.operator.approvals.answer(question, 'yes');
    const isRun = async () =>
      (await house.bob.operator.approvals.show(question.id)).state === 'done' ? true : undefined;
    await until('the refund', isRun);
    return async () => {
      for (const answered of ['yes', 'no'] as const)
        await assert.rejects(house.bob.operator.approvals.answer(question, answered), /approval\.over/);
      await new Promise((resolve) => setTimeout(resolve, 1200));
      assert.equal(upstream.writes().length, sent + 1, 'an approved call ran twice');
    };
  },
  async 'an enrolment code'() {
    const { enrolment } = await house.ada.operator.persons.register({ name: 'Eve', roles: [] });
    const redeem = async () => enrol({ url: house.plane.people, code: enrolment.code, key: await newKey() });
    await redeem();
    return async () => {
      await assert.rejects(redeem(), { code: 'enrolment.refused' });
    };
  },
  async 'what opened a session'() {
    let sent: { readonly url: string; readonly init: RequestInit } | undefined;
    const listening: typeof fetch = async (input, init) => {
      const url = String(input instanceof Request ? input.url : input);
      if (url.endsWith('/v1/sessions')) sent = { url, init: init ?? {} };
      return fetch(input, init);
    };
    const { id: person, key } = house.carol;
    const operator = await connectOperator({ url: house.plane.people, person, key, fetch: listening });
    await operator.me();
    const { url, init } = sent ?? assert.fail('no session was opened');
    return async () => {
      const second = await fetch(url, init);
      assert.ok([400, 401, 403, 409].includes(second.status), `${second.status} ${await second.text()}`);
    };
  },
  async 'Bob’s answer, as it was signed'() {
    const { question } = await asked('84.00');
    let sent: { readonly url: string; readonly init: RequestInit } | undefined;
    const listening: typeof fetch = async (input, init) => {
      const url = String(input instanceof Request ? input.url : input);
      if (init?.method === 'POST' && url.includes(question.id)) sent = { url, init };
      return fetch(input, init);
    };
    const { id: person, key } = house.bob;
    const operator = await connectOperator({ url: house.plane.people, person, key, fetch: listening });
    await operator.approvals.answer(question, 'no');
    const { url, init } = sent ?? assert.fail('no answer was sent');
    return async () => {
      const second = await fetch(url, init);
      assert.ok(second.status >= 400, `${second.status} ${await second.text()}`);
      assert.equal((await house.bob.operator.approvals.show(question.id)).state, 'refused');
    };
  },
};

async function asked(amount: string) {
  const task = await house.openTask();
  const token = await agent.accept(task);
  const parked = await refund(agent, token, amount);
  assert.equal(parked.status, 202);
  const question = (await house.bob.operator.approvals.list()).find((one) => one.task === task);
  assert.ok(question);
  return { task, question, poll: parked.headers.get('location') ?? '' };
}

/** What lies between the first time and the second. Where more nodes share the store, the way to another one is a row. */
const ways: Record<string, { readonly before: () => Promise<void>; readonly between: () => Promise<void> }> = {
  'a restart': { before: async () => undefined, between: () => house.restart() },
  'a kill -9': { before: () => intoProcess(house), between: () => house.restart() },
};

for (const [way, { before: prepare, between }] of Object.entries(ways)) {
  test(`what was accepted once is refused after ${way}`, async () => {
    await prepare();
    const again: (() => Promise<void>)[] = [];
    for (const play of Object.values(replays)) again.push(await play());
    await between();
    const sent = upstream.writes().length;
    for (const play of again) await play();
    assert.equal(upstream.writes().length, sent);
  });
}

test('refunds under way at a crash end as unknown, stay spent, and are not simply sent again', async () => {
  const task = await house.openTask({ authority: refundsUpTo('37.00') });
  const token = await agent.accept(task);
  const approved = await asked('83.00');
  await intoProcess(house);
  silent = true;
  const sent = upstream.writes().length;
  const call = refund(agent, token, '37.00').then(
    () => 'answered',
    () => 'broken',
  );
  await house.bob.operator.approvals.answer(approved.question, 'yes');
  await until('both refunds at the upstream', () => upstream.writes().length === sent + 2 || undefined);
  await house.restart();
  assert.equal(await call, 'broken');
  silent = false;

  const step = await outcomeOf(house, task);
  assert.equal(step.decided, 'permit');
  assert.equal(step.outcome?.code, 'unknown');
  assert.match(step.outcome?.why.join(' ') ?? '', /stopped while the call was under way/);
  await refused(await refund(agent, token, '1.00'), 'limits.sum_exceeded');
  const other = await house.openTask({ authority: refundsUpTo('37.00') });
  const again = await refund(agent, await agent.accept(other), '37.00');
  assert.equal(again.status, 202);
  assert.match(await again.text(), /was sent before and its outcome is not known/);

  const isOver = async () =>
    (await house.bob.operator.approvals.show(approved.question.id)).state === 'unknown' ? true : undefined;
  await until('the end of the approved call', isOver);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.equal(upstream.writes().length, sent + 2, 'a refund was sent again');
  const poll = await agent.call(await agent.taskToken(approved.task), 'GET', approved.poll);
  assert.match((await refused(poll, 'approval.unknown')).detail, /counts as spent.*person must look/);
});

test('a signature under one question is none under another', async () => {
  const tasks = [await house.openTask(), await house.openTask()];
  for (const task of tasks) assert.equal((await refund(agent, await agent.accept(task), '81.00')).status, 202);
  const open = await house.bob.operator.approvals.list();
  const [one, two] = tasks.map((task) => open.find((each) => each.task === task));
  assert.ok(one && two);
  const sent = upstream.writes().length;
  await assert.rejects(
    house.bob.operator.approvals.answer({ id: two.id, digest: one.digest }, 'yes'),
    /signature|Sign the/,
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(upstream.writes().length, sent);
});
