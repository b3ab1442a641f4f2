// A refund times out, and a helpful client sends it again: in the same task, in another task, through another agent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
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
let pays = false;
/** How long the upstream thinks before it says that it has paid. */
let milliseconds = 0;
before(async () => {
  upstream = await handmadeUpstream(({ line, socket }) => {
    if (line.startsWith('GET ')) return answer(socket, 200, { id: '1042', total: '420.00' });
    // Paid, and nobody is told of it: the upstream stays silent until the plane's patience is over.
    if (pays) setTimeout(() => answer(socket, 201, { id: 'rfd_1' }), milliseconds);
  });
  house = await openHouse({ upstream: upstream.url, env: { AMBIT_UPSTREAM_TIMEOUT_SECONDS: '1' } });
});
after(async () => {
  await house.close();
  await upstream.close();
});

test('a refund that was sent and never answered is not sent again by anyone but a person', async () => {
  const first = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(first);
  const told = await refused(await refund(agent, token, '30.00'), 'gateway.upstream_unknown');
  assert.match(told.detail, /did not answer in time.*not known; do not repeat it unasked/);
  assert.equal((await outcomeOf(house, first)).outcome?.code, 'unknown');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(upstream.writes().length, 1, 'something on the way sent it once more');

  const again = await refund(agent, token, '30.00');
  assert.equal(again.status, 202);
  assert.match(await again.text(), /was sent before and its outcome is not known/);

  const reordered = await agent.call(token, 'POST', refundsPath, { body: { currency: 'USD', amount: '30.00' } });
  assert.equal(reordered.status, 202, 'another order of members made it another call');
  assert.match(await reordered.text(), /outcome is not known/);

  const second = await house.openTask({ authority: refundsUpTo('250.00'), agent: house.lookupBot.id });
  const other = await rawAgent(house, house.lookupBot);
  const elsewhere = await refund(other, await other.accept(second), '30.00');
  assert.equal(elsewhere.status, 202, 'another task and another agent was let through');
  assert.equal(upstream.writes().length, 1);

  const questions = await house.bob.operator.approvals.list();
  assert.equal(questions.length, 3);
  for (const question of questions) assert.ok(question.asks.some(({ ask }) => ask.startsWith('unknown:')));
  const theirs = questions.find((one) => one.task === second);
  const mine = questions.find((one) => one.task === first);
  assert.ok(theirs && mine);
  await house.bob.operator.approvals.answer(theirs, 'no', 'It was paid at 10:02.');
  const poll = await other.call(await other.taskToken(second), 'GET', elsewhere.headers.get('location') ?? '');
  assert.match((await refused(poll, 'approval.refused')).detail, /It was paid at 10:02\..*not sent/);
  assert.equal(upstream.writes().length, 1);

  pays = true;
  await house.bob.operator.approvals.answer(mine, 'yes');
  await until('the write that Bob let through', () => (upstream.writes().length === 2 ? true : undefined));
  assert.equal((await outcomeOf(house, first)).outcome?.code, 'done');
  assert.deepEqual(
    (await callsOf(house, first)).map((step) => step.decided),
    ['permit', 'ask', 'ask'],
  );
});

test('each write carries its entry as idempotency key, whatever key the agent chose', async () => {
  pays = true;
  const task = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const from = upstream.writes().length;
  const headers = { 'idempotency-key': 'the-same-every-time' };
  const one = await refund(agent, token, '31.00', { headers });
  const two = await refund(agent, token, '32.00', { headers });
  const keys = upstream
    .writes()
    .slice(from)
    .map((request) => request.headers.get('idempotency-key'));
  assert.deepEqual(keys, [one.headers.get('ambit-entry'), two.headers.get('ambit-entry')]);
});

test('who gives up on a refund that is still under way does not send it again unasked', async () => {
  pays = true;
  milliseconds = 700;
  const task = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const from = upstream.writes().length;
  const impatient = refund(agent, token, '33.00', { signal: AbortSignal.timeout(200) });
  await assert.rejects(impatient);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const again = await refund(agent, token, '33.00');
  assert.equal(again.status, 202, 'two refunds are under way');
  assert.match(await again.text(), /outcome is not known/);
  const done = async () => (await callsOf(house, task))[0]?.outcome?.code;
  assert.equal(await until('the outcome of the first', done), 'done');
  assert.equal(upstream.writes().length, from + 1);
  milliseconds = 0;
  assert.equal((await refund(agent, token, '33.00')).status, 201, 'once it is known, a second one is another refund');
});
