// A refund times out, and a helpful client sends it again: in the same task, in another task, through another agent.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import type { Authority, TaskId } from '@ambit/protocol';
import { connect } from '@ambit/sdk';
import { type House, openHouse, registerBot } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';
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
/** What becomes of a write's connection instead of an answer. */
let breaks: ((socket: Socket) => unknown) | undefined;
let pays = false;
/** How long the upstream thinks before it says that it has paid. */
let milliseconds = 0;
before(async () => {
  upstream = await handmadeUpstream(({ line, socket }) => {
    if (line.startsWith('GET ')) return answer(socket, 200, { id: '1042', total: '420.00' });
    if (breaks !== undefined) return breaks(socket);
    // Paid, and nobody is told of it: the upstream stays silent until the plane's patience is over.
    if (pays) setTimeout(() => answer(socket, 201, { id: 'rfd_1' }), milliseconds);
  });
  house = await openHouse({ upstream: upstream.url, env: { AMBIT_UPSTREAM_TIMEOUT_SECONDS: '1' } });
  // Nothing here asks for another reason.
  await house.ada.operator.policies.publish('@id("all")\npermit(principal, action, resource);');
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

test('each write carries its entry as idempotency key, whatever key the agent chose, and however a person spells its name', async () => {
  pays = true;
  const task = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const from = upstream.writes().length;
  const headers = { 'idempotency-key': 'the-same-every-time' };
  const one = await refund(agent, token, '31.00', { headers });
  await house.ada.operator.catalog.set('shop:refunds.create', { idempotencyHeader: 'Idempotency-Key' });
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
  const leaving = new AbortController();
  const impatient = assert.rejects(refund(agent, token, '33.00', { signal: leaving.signal }));
  await until('the refund at the upstream', () => upstream.writes().length === from + 1 || undefined);
  leaving.abort();
  await impatient;
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

/** What the log says of each of them, once nothing is under way any more. */
const decided = async (task: TaskId) => (await callsOf(house, task)).map((step) => step.decided).toSorted();

test('of equal refunds sent at the same moment one goes out, and the others are one question to a person', async () => {
  pays = true;
  milliseconds = 300;
  const task = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const from = upstream.writes().length;
  const rawBody = JSON.stringify({ amount: '34.00', currency: 'USD' });
  const url = `${house.plane.agents}${refundsPath}`;
  const proofs = await Promise.all(Array.from({ length: 6 }, () => agent.proof('POST', url, { token, body: rawBody })));
  const answers = await Promise.all(proofs.map((proof) => agent.call(token, 'POST', refundsPath, { rawBody, proof })));
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 202, 202, 202, 202, 202]);
  assert.equal(upstream.writes().length, from + 1, 'two equal refunds went out');
  assert.deepEqual(await decided(task), ['ask', 'ask', 'ask', 'ask', 'ask', 'permit']);
  const questions = (await house.bob.operator.approvals.list()).filter((one) => one.task === task);
  assert.equal(questions.length, 1, 'the same call is one question');
  assert.match(questions[0]?.asks.map(({ reason }) => reason).join(' ') ?? '', /sent before.*outcome is not known/);
  milliseconds = 0;
  assert.equal((await refund(agent, token, '34.00')).status, 201, 'once it is known, a second one is another refund');
});

test('who hears the end of an answer may send the same again at once, a hundred times', async () => {
  pays = true;
  const task = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  for (let i = 0; i < 100; i++) assert.equal((await refund(agent, token, '0.50')).status, 201, `the ${i}th`);
});

test('so it is where a helper of the same run sends the second one, and not in another run', async () => {
  pays = true;
  milliseconds = 300;
  const task = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const helper = await rawAgent(house, house.lookupBot);
  const handed = await agent.tokenRequest(exchangeForm(token, await helper.actorToken(), refundsUpTo('100.00')));
  const helpersToken = await tokenOf(handed);
  const other = await rawAgent(house, house.malloryBot);
  const elsewhere = await other.accept(
    await house.openTask({ authority: refundsUpTo('250.00'), agent: house.malloryBot.id }),
  );
  const from = upstream.writes().length;
  const first = refund(agent, token, '35.00');
  await until('the first at the upstream', () => upstream.writes().length === from + 1 || undefined);
  assert.equal((await refund(helper, helpersToken, '35.00')).status, 202);
  assert.equal((await refund(other, elsewhere, '35.00')).status, 201, 'nobody gave up on anything there');
  assert.equal((await first).status, 201);
  milliseconds = 0;
});

test('a yes given while the first is still under way lets out one more, and no third beside it', async () => {
  pays = true;
  milliseconds = 600;
  const task = await house.openTask({ authority: refundsUpTo('250.00') });
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const from = upstream.writes().length;
  const first = refund(agent, token, '36.00');
  await until('the first at the upstream', () => upstream.writes().length === from + 1 || undefined);
  assert.equal((await refund(agent, token, '36.00')).status, 202);
  const question = (await house.bob.operator.approvals.list()).find((one) => one.task === task);
  assert.ok(question);
  await house.bob.operator.approvals.answer(question, 'yes');
  await until('the second at the upstream', () => upstream.writes().length === from + 2 || undefined);
  assert.equal((await first).status, 201);
  assert.equal((await refund(agent, token, '36.00')).status, 202, 'a third went out beside the second');
  assert.equal(upstream.writes().length, from + 2);
  milliseconds = 0;
  const ran = async () => (await callsOf(house, task)).filter(({ outcome }) => outcome?.code === 'done').length === 2;
  await until('both outcomes', async () => (await ran()) || undefined);
});

const tidying: Authority = [
  ...refundsUpTo('250.00'),
  { type: 'ambit_grant', actions: ['shop:orders.removeNote', 'shop:orders.get'] },
];
const breaking: Record<string, (socket: Socket) => unknown> = {
  'is reset': (socket) => socket.resetAndDestroy(),
  'is closed': (socket) => socket.end(),
  'breaks within the status line': (socket) => socket.end('HTTP/1.1 20'),
  'is told to be sent again': (socket) =>
    socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
  'is told to wait a second and send it again': (socket) =>
    answer(socket, 503, {}, ['retry-after: 1', 'connection: close']),
};

for (const [i, [what, how]] of Object.entries(breaking).entries()) {
  test(`a write whose connection ${what} is sent once, on a connection that served before or not`, async () => {
    pays = true;
    const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
    const agent = await rawAgent(house, bot);
    const task = await house.openTask({ authority: tidying, agent: bot.id });
    const token = await agent.accept(task);
    // RFC 9110 §9.2.2: a DELETE may be repeated by whoever likes; here nobody does.
    const writes = [
      () => refund(agent, token, `41.0${i}`),
      () => agent.call(token, 'DELETE', `/api/shop/orders/1042/notes/not_00000${i}`),
    ];
    for (const write of writes) {
      assert.equal(
        (await agent.call(token, 'GET', '/api/shop/orders/1042')).status,
        200,
        'a connection to be used again',
      );
      const from = upstream.writes().length;
      breaks = how;
      const told = await write();
      breaks = undefined;
      assert.ok([408, 503, 504].includes(told.status), `${told.status} ${await told.clone().text()}`);
      await new Promise((resolve) => setTimeout(resolve, what.includes('a second') ? 1100 : 100));
      assert.equal(upstream.writes().length, from + 1, 'it was sent again');
      const again = await write();
      assert.equal(again.status, 202, 'it was let out again unasked');
      assert.equal(upstream.writes().length, from + 1);
    }
  });
}

test('the SDK asks the gateway once, whatever becomes of the connection between them', async () => {
  pays = true;
  milliseconds = 400;
  const bot = await registerBot(house.alice, 'sdk-bot');
  const between = await breakingProxy(house.plane.agents);
  try {
    let sent = 0;
    const counting: typeof fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
      if (method === 'POST' && url.pathname.startsWith('/api/')) sent++;
      url.host = new URL(between.url).host;
      return fetch(new Request(url, new Request(input, init)));
    };
    const agent = await connect({ url: house.plane.agents, agent: bot.id, key: bot.key, fetch: counting });
    const id = await house.openTask({ authority: refundsUpTo('250.00'), agent: bot.id });
    const task = await agent.accept(id);
    const from = upstream.writes().length;
    between.breakAt('POST /api/');
    const call = () =>
      task.fetch(`${house.plane.agents}${refundsPath}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ amount: '42.00', currency: 'USD' }),
      });
    await assert.rejects(call(), (error) => error instanceof Error);
    await until('the one that came through', () => upstream.writes().length === from + 1 || undefined);
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.deepEqual([sent, upstream.writes().length - from], [1, 1]);
    assert.deepEqual(await decided(id), ['permit']);
  } finally {
    await between.close();
  }
});

/** Carries bytes to the plane, until it was told to: then it carries that request and breaks off the way back. */
async function breakingProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let marker: string | undefined;
  const server = createServer((near) => {
    const far = connectTo(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    far.on('data', (chunk) => near.write(chunk));
    near.on('data', (chunk) => {
      far.write(chunk);
      if (marker === undefined || !chunk.toString('latin1').includes(marker)) return;
      marker = undefined;
      setTimeout(() => near.resetAndDestroy(), 100);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakAt(text: string) {
      marker = text;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
