// The call is decided while the task lives and sent when it is over: everything between yes and first byte is tried.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, only, openHouse, order, registerBot } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';
import {
  answer,
  callsOf,
  handmadeUpstream,
  outcomeOf,
  refund,
  refundsUpTo,
  refused,
  stepsOf,
  type Upstream,
  until,
} from './witness.ts';

let house: House;
let upstream: Upstream;
let holds = false;
before(async () => {
  upstream = await handmadeUpstream(({ line, socket }) => {
    if (!holds) return answer(socket, line.startsWith('GET ') ? 200 : 201, { id: 'rfd_1' });
    // The beginning of an answer that goes on for as long as somebody listens.
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
    const timer = setInterval(() => socket.write('5\r\nagain\r\n'), 20);
    socket.on('close', () => clearInterval(timer));
  });
  house = await openHouse({ upstream: upstream.url });
});
after(async () => {
  await house.close();
  await upstream.close();
});

async function begun(): Promise<{ agent: RawAgent; task: Awaited<ReturnType<House['openTask']>>; token: string }> {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  const authority = [...refundsUpTo('250.00'), only('shop:orders.get', 'path.orderId', order)];
  const task = await house.openTask({ agent: bot.id, authority });
  return { agent, task, token: await agent.accept(task) };
}

test('of calls that race the end of their task none reaches the upstream after the end was told', async () => {
  holds = false;
  for (let round = 0; round < 5; round++) {
    const { agent, task, token } = await begun();
    const calls = Array.from({ length: 12 }, (_, i) =>
      new Promise((resolve) => setTimeout(resolve, i * 3)).then(() => refund(agent, token, `${1 + round}.${10 + i}`)),
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    const { inFlight } = await house.alice.operator.tasks.revoke(task, 'Enough.');
    const sent = upstream.writes().length;
    const answers = await Promise.all(calls);
    const late = upstream.writes().length - sent;
    // What had left before the end came is named; a write under way can only be awaited.
    assert.ok(late <= inFlight.length, `${late} were sent after the end, which named ${inFlight.length}`);
    for (const one of answers) {
      if (one.status === 201) continue;
      const { code } = (await one.json()) as { code: string };
      assert.ok(['task.ended', 'gateway.upstream_unknown', 'gateway.answer_withheld'].includes(code), code);
    }
    const permitted = (await callsOf(house, task)).filter((step) => step.decided === 'permit');
    for (const step of permitted) assert.ok(['done', 'failed', 'unknown'].includes(step.outcome?.code ?? 'none'));
  }
});

test('an answer that is still streaming is cut at the end of the task, and the end names it', async () => {
  holds = true;
  const { agent, task, token } = await begun();
  const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(response.status, 200);
  const whole = response.text().then(
    () => 'whole',
    () => 'cut',
  );
  const entry = response.headers.get('ambit-entry');
  const { inFlight } = await house.alice.operator.tasks.revoke(task, 'Enough.');
  assert.deepEqual(inFlight, [entry]);
  assert.equal(await whole, 'cut');
  const step = await outcomeOf(house, task, 'shop:orders.get');
  assert.equal(step.decided, 'permit');
  assert.ok(
    step.outcome?.why.some((why) => /task ended/.test(why)),
    JSON.stringify(step.outcome),
  );
  const ended = (await stepsOf(house, task)).find((one) => one.kind === 'task.ended');
  assert.ok(ended);
  holds = false;
});

test('the end of a task cuts what runs below it', async () => {
  holds = true;
  const { agent, task, token } = await begun();
  const helper = await rawAgent(house, house.lookupBot);
  const less = [only('shop:orders.get', 'path.orderId', order)];
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await helper.actorToken(), less)));
  const response = await helper.call(child, 'GET', `/api/shop/orders/${order}`);
  const whole = response.text().then(
    () => 'whole',
    () => 'cut',
  );
  await agent.api(token, 'POST', `/v1/agent/tasks/${task}/complete`);
  assert.equal(await whole, 'cut');
  await refused(await helper.call(child, 'GET', `/api/shop/orders/${order}`), 'task.ended');
  holds = false;
});

test('a yes that comes after the end sends nothing, and a yes before it does not outlive it', async () => {
  holds = false;
  const { agent, task, token } = await begun();
  const bot = agent.bot;
  const asked = await house.openTask({ agent: bot.id });
  const askedToken = await agent.accept(asked);
  const parked = await refund(agent, askedToken, '80.00');
  assert.equal(parked.status, 202);
  const question = (await house.bob.operator.approvals.list()).find((one) => one.task === asked);
  assert.ok(question);
  const sent = upstream.writes().length;
  await house.alice.operator.tasks.revoke(asked, 'Enough.');
  await assert.rejects(house.bob.operator.approvals.answer(question, 'yes'), /over/);
  assert.equal(upstream.writes().length, sent);
  const poll = await agent.call(askedToken, 'GET', parked.headers.get('location') ?? '');
  await refused(poll, 'task.ended');
  assert.equal((await refund(agent, token, '20.00')).status, 201, `task ${task} ended with another one`);
});

test('a token that was revoked a moment ago sends nothing more', async () => {
  holds = false;
  const { agent, task, token } = await begun();
  assert.equal((await refund(agent, token, '21.00')).status, 201);
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const calls = Array.from({ length: 8 }, (_, i) =>
    new Promise((resolve) => setTimeout(resolve, i * 4)).then(() => refund(agent, token, `22.${10 + i}`)),
  );
  await new Promise((resolve) => setTimeout(resolve, 8));
  await house.ada.operator.tasks.revokeToken(jti, 'It was in a log file.');
  const revoked = await until('the entry of the revocation', async () =>
    (await stepsOf(house, task)).find((step) => step.kind === 'token.revoked'),
  );
  await Promise.all(calls);
  await refused(await refund(agent, token, '23.00'), 'token.revoked');
  const late = (await callsOf(house, task)).filter((step) => step.decided === 'permit' && step.index > revoked.index);
  assert.deepEqual(late, [], 'a call was let out after its token was revoked');
});
