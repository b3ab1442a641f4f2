// Ten times as much arrives at once as the plane works on at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertionType, planeHeader } from '@ambit/protocol';
import { atWork, type Working } from '../attacks/questions.ts';
import { answer, handmadeUpstream, refundsPath, refundsUpTo, type Upstream, until } from '../attacks/witness.ts';
import { type House, only, openHouse, order, registerBot } from '../house.ts';
import { inAProcess, type PlaneProcess } from './in-a-process.ts';
import { turnedAway, verifiedLog } from './log-read.ts';
import { answerOn, openSockets, type RawAnswer, requestText } from './raw-http.ts';
import { isFull } from './size.ts';

const atOnce = isFull ? 512 : 24;
const many = 10 * atOnce;

let upstream: Upstream;
let house: House;
let plane: PlaneProcess;
let working: Working[];
before(async () => {
  upstream = await handmadeUpstream(({ line, socket }) => {
    setTimeout(() => answer(socket, line.startsWith('GET') ? 200 : 201, { id: 'any' }), 2);
  });
  const env = { AMBIT_CALLS_AT_ONCE_MAX: String(atOnce), AMBIT_AGENT_CALLS_PER_SECOND: '100000' };
  house = await openHouse({ upstream: upstream.url, env });
  const authority = [only('shop:orders.get', 'path.orderId', order), ...refundsUpTo('100000.00')];
  const bots = await Promise.all(['burst-a', 'burst-b', 'burst-c'].map((name) => registerBot(house.alice, name)));
  working = await Promise.all(bots.map((bot) => atWork(house, { authority }, bot)));
  plane = await inAProcess(house, { env });
});
after(async () => {
  try {
    await house.close();
  } finally {
    await plane.kill();
    await upstream.close();
  }
});

/** Calls as bytes, each under a name that the upstream will hear. */
function callsNamed(name: string): Promise<string[]> {
  return Promise.all(
    Array.from({ length: many }, (_, i) => {
      const { agent, token } = working[i % working.length] as Working;
      const body = { amount: '1.00', currency: 'USD', reason: `${name}-${i}` };
      const isRead = i % 4 === 0;
      const call = isRead
        ? { method: 'GET', path: `/api/shop/orders/${order}` }
        : { method: 'POST', path: refundsPath, body };
      return requestText(agent, token, house.plane.agents, call);
    }),
  );
}

/** All of them at one instant, each on a connection of its own; `during` runs while they are worked on. */
async function burst<T>(texts: readonly string[], during: () => Promise<T>) {
  const sockets = await openSockets(house.plane.agents, texts.length);
  const answering = sockets.map(answerOn);
  for (const [i, socket] of sockets.entries()) socket.write(texts[i] ?? '');
  const meanwhile = await during();
  const answers = await Promise.all(answering);
  for (const socket of sockets) socket.destroy();
  return { answers, meanwhile };
}

const isShed = (one: RawAnswer) => one.status === 503;
const reasonOf = (body: string) => (JSON.parse(body) as { reason: string }).reason;
let shedInAll = 0;

test(`of ${many} calls at one instant, each is decided, or turned away with 503, Retry-After and nothing done`, async () => {
  const { answers } = await burst(await callsNamed('first'), async () => undefined);
  const heard = answers.map((one) => one ?? assert.fail('a connection was closed without an answer'));
  const shed = heard.filter(isShed);
  shedInAll += shed.length;
  assert.ok(shed.length > atOnce, `only ${shed.length} were turned away`);
  for (const one of shed) {
    assert.match(one.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.equal((JSON.parse(one.body) as { code: string }).code, 'plane.too_busy');
  }
  const served = heard.filter((one) => !isShed(one));
  assert.ok(served.length >= atOnce, `only ${served.length} were decided`);
  // Where the upstream is the slower one, what waits too long for a connection to it is not sent, and says so.
  const unsent = served.filter((one) => one.body.includes('gateway.upstream_unreachable'));
  const answered = served.filter((one) => one.status === 200 || one.status === 201);
  assert.equal(answered.length + unsent.length, served.length, served.map((one) => one.status).join());
  assert.ok(answered.length > unsent.length);
  assert.ok(served.every((one) => one.headers.has(planeHeader.entry)));
  const wrote = answers.flatMap((one, i) => (one?.status === 201 ? [`first-${i}`] : []));
  assert.deepEqual(
    upstream
      .writes()
      .map(({ body }) => reasonOf(body))
      .toSorted(),
    wrote.toSorted(),
  );
});

test('what ends or takes back something is done in the middle of it', async () => {
  const [ending, giving] = [await atWork(house), await atWork(house)];
  const suspended = await registerBot(house.alice, 'too-loud');
  const texts = await callsNamed('second');
  const { answers, meanwhile } = await burst(texts, async () => {
    const [ended, revoked, agent] = await Promise.all([
      ending.agent.api(ending.token, 'POST', `/v1/agent/tasks/${ending.task}/complete`),
      revoke(giving),
      house.ada.operator.agents.suspend(suspended.id, 'It is too loud.'),
    ]);
    return [ended.status, revoked.status, agent.state];
  });
  assert.deepEqual(meanwhile, [200, 200, 'suspended']);
  shedInAll += answers.filter((one) => one !== undefined && isShed(one)).length;
});

async function revoke({ agent, token }: Working): Promise<Response> {
  const url = `${house.plane.agents}/oauth/revoke`;
  const form = { token, client_assertion_type: assertionType.jwtBearer, client_assertion: await agent.assertion() };
  const body = new URLSearchParams(form).toString();
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
}

test('after it the plane goes on by itself, and the log counts what was turned away by source and minute', async () => {
  const { agent, token } = working[0] as Working;
  await until('an ordinary answer', async () => {
    const { status } = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
    return status === 200 ? true : undefined;
  });
  await verifiedLog(house);
  await plane.stop();
  const counted = await turnedAway(house);
  assert.equal(
    counted.reduce((sum, one) => sum + one.times, 0),
    shedInAll,
  );
  // Two bursts, which may lie in two minutes, and their rest.
  assert.ok(counted.length <= 4, `${counted.length} entries`);
  assert.ok(counted.every((one) => one.source === '127.0.0.1'));
});
