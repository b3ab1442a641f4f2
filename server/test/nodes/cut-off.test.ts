// The wire between a node and the database is cut for real: the node permits nothing, says so, and goes on afterwards.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskId } from '@ambit/protocol';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import type { Wire } from '../../src/foundation/database/testing-wire.ts';
import {
  answer,
  callsOf,
  type Heard,
  handmadeUpstream,
  outcomeOf,
  refund,
  refundsUpTo,
  refused,
  type Upstream,
  until,
} from '../attacks/witness.ts';
import { only, order, registerBot } from '../house.ts';
import type { RawAgent } from '../raw-agent.ts';
import { type Node, openSeveral, type Several } from './several.ts';

/** Short, so that a test can wait for the death of a node, and long enough for one that a busy machine holds up. */
const lostMs = 5000;

describe('a node that is cut off from the database', { skip: noPostgres }, () => {
  let several: Several;
  let upstream: Upstream;
  let node: Node & { readonly wire: Wire };
  let holds = false;
  let streams = false;
  const held: Heard[] = [];
  before(async () => {
    upstream = await handmadeUpstream((request) => {
      const { line, socket } = request;
      if (streams) {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
        const timer = setInterval(() => socket.write('5\r\nagain\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      } else if (holds) held.push(request);
      else answer(socket, line.startsWith('GET ') ? 200 : 201, { id: 'any' });
    });
    several = await openSeveral({ upstream: upstream.url, env: { AMBIT_NODE_LOST_MS: String(lostMs) } });
    node = await several.join('cut off');
  });
  afterEach(async () => {
    [holds, streams] = [false, false];
    node.wire.release();
    await healed();
  });
  after(async () => {
    await several.close();
    await upstream.close();
  });

  async function begun(): Promise<{ agent: RawAgent; task: TaskId; token: string }> {
    const { house } = several;
    const agent = await several.agentAt(node, await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`));
    const authority = [...refundsUpTo('250.00'), only('shop:orders.get', 'path.orderId', order)];
    const task = await house.openTask({ agent: agent.bot.id, authority });
    return { agent, task, token: await agent.accept(task) };
  }

  /** Nobody helps it. */
  const healed = () =>
    until('the return of the node', async () => (await fetch(`${node.agents}/health`)).ok || undefined);

  test('says within the bound that it is, permits nothing, counts what it refuses, and goes on when it is back', async () => {
    const { agent, task, token } = await begun();
    assert.equal((await refund(agent, token, '1.00')).status, 201);
    const sent = upstream.writes().length;
    node.wire.stall();
    const answers: Response[] = [];
    const began = performance.now();
    let saidAfter = Number.NaN;
    for (let i = 0; performance.now() - began < lostMs; i++) {
      // Those that came first wait for the store; nobody waits for them.
      void refund(agent, token, `2.${10 + i}`).then(
        (one) => answers.push(one),
        () => undefined,
      );
      const health = await fetch(`${node.agents}/health`, { signal: AbortSignal.timeout(300) }).catch(() => undefined);
      if (health?.status === 503 && Number.isNaN(saidAfter)) saidAfter = performance.now() - began;
      await sleep(100);
    }
    assert.ok(saidAfter < lostMs, `it said after ${saidAfter} ms that it is cut off`);
    const told = await refused(await refund(agent, token, '3.00'), 'plane.cut_off');
    assert.match(told.detail, /permits nothing.*Try again in a few seconds/);
    assert.equal(upstream.writes().length, sent, 'a call left while the node was cut off');
    node.wire.release();
    await healed();
    assert.equal((await refund(agent, token, '4.00')).status, 201);
    await until('the answers to all', () => answers.length > 5 || undefined);
    // What was let out is what the upstream saw, and nothing else.
    await sleep(300);
    const permitted = (await callsOf(several.house, task)).filter((step) => step.decided === 'permit');
    const reached = permitted.filter((step) => step.outcome?.code === 'done').length;
    assert.equal(upstream.writes().length - sent + 1, reached);
  });

  test('passes nothing on that streams: it could not hear that the task ended', async () => {
    streams = true;
    const { agent, task, token } = await begun();
    const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
    assert.equal(response.status, 200);
    const began = performance.now();
    const whole = response.text().then(
      () => 'whole',
      () => 'cut',
    );
    node.wire.stall();
    await several.house.alice.operator.tasks.revoke(task, 'Enough.');
    assert.equal(await whole, 'cut');
    assert.ok(performance.now() - began < lostMs, 'it went on for too long');
    node.wire.release();
    assert.ok((await outcomeOf(several.house, task, 'shop:orders.get')).outcome);
  });

  test('hears a write to its end, and tells it when it is back, where nobody took it for dead', async () => {
    holds = true;
    const { agent, task, token } = await begun();
    const call = refund(agent, token, '7.00').catch(() => undefined);
    await until('the refund at the upstream', () => held.length === 1 || undefined);
    node.wire.stall();
    await sleep(lostMs / 6);
    answer(held.splice(0)[0]!.socket, 201, { id: 'any' });
    await call;
    node.wire.release();
    assert.equal((await outcomeOf(several.house, task)).outcome?.code, 'done');
  });

  test('and that others declared dead finds its call told as unknown, and tells beside it what it knows', async () => {
    holds = true;
    const { agent, task, token } = await begun();
    const call = refund(agent, token, '8.00').catch(() => undefined);
    await until('the refund at the upstream', () => held.length === 1 || undefined);
    node.wire.stall();
    const told = await outcomeOf(several.house, task);
    assert.equal(told.outcome?.code, 'unknown');
    answer(held.splice(0)[0]!.socket, 201, { id: 'any' });
    await call;
    node.wire.release();
    await healed();
    const late = await until('what it knows', async () => {
      const lines: string[] = [];
      for await (const line of await several.house.carol.operator.log.export({ details: true })) lines.push(line);
      return lines.map((line) => JSON.parse(line)).find((one) => one.header?.kind === 'call.outcome-late');
    });
    assert.deepEqual([late.header.task, late.header.code], [task, 'done']);
    assert.equal((await outcomeOf(several.house, task)).outcome?.code, 'unknown', 'what was told first stands');
  });

  test('whose connections are reset in the middle of calls loses none of them', async () => {
    const { agent, token } = await begun();
    for (let i = 0; i < 4; i++) {
      const calls = Array.from({ length: 4 }, (_, j) => refund(agent, token, `1.${i}${j}`));
      node.wire.reset();
      for (const one of await Promise.all(calls)) assert.ok([201, 503].includes(one.status), await one.text());
    }
    await healed();
    assert.equal((await refund(agent, token, '9.00')).status, 201);
  });
});
