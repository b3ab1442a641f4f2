// A task ends at one node while its agent calls through another: nothing starts there, and what runs there is cut.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TaskId } from '@ambit/protocol';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { asked, atWork } from '../attacks/questions.ts';
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
} from '../attacks/witness.ts';
import { only, order, registerBot } from '../house.ts';
import type { RawAgent } from '../raw-agent.ts';
import { type Node, openSeveral, type Several } from './several.ts';

describe('an ending at one node', { skip: noPostgres }, () => {
  let several: Several;
  let upstream: Upstream;
  let second: Node;
  let third: Node;
  let streams = false;
  before(async () => {
    upstream = await handmadeUpstream(({ line, socket }) => {
      if (!streams) return answer(socket, line.startsWith('GET ') ? 200 : 201, { id: 'rfd_1' });
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
      const timer = setInterval(() => socket.write('5\r\nagain\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    several = await openSeveral({ upstream: upstream.url });
    second = await several.join('second');
    third = await several.join('third');
  });
  after(async () => {
    await several.close();
    await upstream.close();
  });

  async function begun(node: Node): Promise<{ agent: RawAgent; task: TaskId; token: string }> {
    const { house } = several;
    const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
    const authority = [...refundsUpTo('250.00'), only('shop:orders.get', 'path.orderId', order)];
    const agent = await several.agentAt(node, bot);
    const task = await house.openTask({ agent: bot.id, authority });
    return { agent, task, token: await agent.accept(task) };
  }

  const wholeOrCut = (response: Response) =>
    response.text().then(
      () => 'whole',
      () => 'cut',
    );

  test('a token that one node gave is good at all of them', async () => {
    const { agent, token } = await begun(second);
    assert.equal((await refund(agent, token, '1.00')).status, 201);
    for (const node of [several.first, third]) {
      const url = `${several.house.plane.agents}/api/shop/orders/${order}`;
      const headers = { authorization: `DPoP ${token}`, dpop: await agent.proof('GET', url, { token }) };
      const response = await fetch(`${node.agents}/api/shop/orders/${order}`, { headers });
      assert.equal(response.status, 200, await response.text());
    }
  });

  test('cuts what streams at another, names it, and nothing starts there any more', async () => {
    streams = true;
    const { agent, task, token } = await begun(second);
    const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
    assert.equal(response.status, 200);
    const whole = wholeOrCut(response);
    const { inFlight } = await several.house.alice.operator.tasks.revoke(task, 'Enough.');
    assert.deepEqual(inFlight, [response.headers.get('ambit-entry')]);
    assert.equal(await whole, 'cut');
    streams = false;
    const told = await outcomeOf(several.house, task, 'shop:orders.get');
    assert.match(told.outcome?.why.join(' ') ?? '', /task ended/);
    await refused(await agent.call(token, 'GET', `/api/shop/orders/${order}`), 'task.ended');
  });

  test('of calls that race it at two other nodes, none is permitted after it, and what was sent late is named', async () => {
    for (let round = 0; round < 4; round++) {
      const { agent, task, token } = await begun(second);
      const calls = Array.from({ length: 12 }, (_, i) =>
        new Promise((resolve) => setTimeout(resolve, i * 4)).then(() => refund(agent, token, `${1 + round}.${10 + i}`)),
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
      const { inFlight } = await several.house.alice.operator.tasks.revoke(task, 'Enough.');
      const sent = upstream.writes().length;
      const answers = await Promise.all(calls);
      const late = upstream.writes().length - sent;
      assert.ok(late <= inFlight.length, `${late} were sent after the end, which named ${inFlight.length}`);
      for (const one of answers) {
        if (one.status === 201) continue;
        const { code } = (await one.json()) as { code: string };
        assert.ok(['task.ended', 'gateway.upstream_unknown', 'gateway.answer_withheld'].includes(code), code);
      }
      const steps = await stepsOf(several.house, task);
      const end = steps.find((step) => step.kind === 'task.ended')?.index ?? assert.fail('no end');
      const permitted = (await callsOf(several.house, task)).filter((step) => step.decided === 'permit');
      assert.deepEqual(
        permitted.filter((step) => step.index > end),
        [],
      );
    }
  });

  test('a suspended agent is refused everywhere, and so is a revoked token', async () => {
    const { agent, task, token } = await begun(third);
    assert.equal((await refund(agent, token, '2.00')).status, 201);
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    await several.house.ada.operator.tasks.revokeToken(jti, 'It was in a log file.');
    await refused(await refund(agent, token, '2.01'), 'token.revoked');
    const fresh = await agent.taskToken(task);
    await several.house.alice.operator.agents.suspend(agent.bot.id, 'It errs.');
    const { code } = (await (await refund(agent, fresh, '2.02')).json()) as { code: string };
    assert.ok(['agent.not_active', 'task.ended'].includes(code), code);
  });

  test('an agent that waits at another node is woken by the answer, and the call runs once', async () => {
    const { house } = several;
    const bot = await registerBot(house.alice, 'waits-bot');
    const at = await several.agentAt(second, bot);
    const task = await house.openTask({ agent: bot.id });
    const working = { task, agent: at, token: await at.accept(task) };
    const waiting = await asked(house, working, '81.00');
    const sent = upstream.writes().length;
    const hearing = working.agent.call(working.token, 'GET', waiting.location, { headers: { prefer: 'wait=20' } });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const began = performance.now();
    await house.bob.operator.approvals.answer(waiting.question, 'yes');
    const heard = await hearing;
    assert.equal(heard.status, 201, await heard.text());
    assert.ok(performance.now() - began < 5000);
    assert.equal(upstream.writes().length, sent + 1);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    assert.equal(upstream.writes().length, sent + 1, 'an approved call ran twice');
  });

  test('the node in front has the same story', async () => {
    const working = await atWork(several.house);
    await until(
      'the refund',
      async () => (await refund(working.agent, working.token, '3.00')).status === 201 || undefined,
    );
  });
});
