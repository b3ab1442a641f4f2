// A node is killed while others go on: what it left open is told once, by one of them, and nothing of a living one is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { tenantOf, yesOf } from '../attacks/offline.ts';
import { asked, atWork, poll, settled } from '../attacks/questions.ts';
import {
  answer,
  type Heard,
  handmadeUpstream,
  outcomeOf,
  refund,
  refundsPath,
  refundsUpTo,
  refused,
  stepsOf,
  type Upstream,
  until,
} from '../attacks/witness.ts';
import { verifiedLog } from '../faults/log-read.ts';
import { registerBot } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { type Node, openSeveral, type Several } from './several.ts';

/** Short, so that a test can wait for the death of a node. */
const lostMs = 3000;

describe('a node that is killed', { skip: noPostgres }, () => {
  let several: Several;
  let upstream: Upstream;
  let isSilent = false;
  const held: Heard[] = [];
  before(async () => {
    upstream = await handmadeUpstream((request) => {
      if (request.line.startsWith('GET ') || !isSilent)
        answer(request.socket, request.line.startsWith('GET ') ? 200 : 201, { id: 'any' });
      else held.push(request);
    });
    several = await openSeveral({ upstream: upstream.url, env: { AMBIT_NODE_LOST_MS: String(lostMs) } });
  });
  after(async () => {
    await several.close();
    await upstream.close();
  });

  async function workingAt(node: Node, max = '90.00') {
    const { house } = several;
    const agent = await several.agentAt(node, await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`));
    const task = await house.openTask({ agent: agent.bot.id, authority: refundsUpTo(max) });
    return { agent, task, token: await agent.accept(task) };
  }

  test('leaves calls under way that end as unknown, once, and those of living nodes go on', async () => {
    const { house } = several;
    const [dying, living] = [await several.launch('dying'), await several.join('living')];
    const [one, two] = [await workingAt(dying), await workingAt(living)];
    isSilent = true;
    const broken = refund(one.agent, one.token, '37.00').then(
      () => 'answered',
      () => 'broken',
    );
    const alive = refund(two.agent, two.token, '38.00');
    await until('both refunds at the upstream', () => held.length === 2 || undefined);
    await dying.kill();
    assert.equal(await broken, 'broken');
    const told = await outcomeOf(house, one.task);
    assert.equal(told.outcome?.code, 'unknown');
    assert.match(told.outcome?.why.join(' ') ?? '', /stopped while the call was under way/);
    // Both living nodes have looked several times by now.
    await sleep(1500);
    const steps = await stepsOf(house, one.task);
    assert.equal(steps.filter(({ outcome }) => outcome != null).length, 1, 'it was told twice');
    const [still] = (await stepsOf(house, two.task)).filter(({ decided }) => decided === 'permit');
    assert.equal(still?.outcome ?? null, null, 'a call of a living node was told as unknown');
    isSilent = false;
    for (const { socket } of held.splice(0)) answer(socket, 201, { id: 'any' });
    assert.equal((await alive).status, 201);
    assert.equal((await outcomeOf(house, two.task)).outcome?.code, 'done');
    // What is unknown stays spent, and its task goes on at any node: a token belongs to no node.
    const url = `${house.plane.agents}${refundsPath}`;
    const rawBody = JSON.stringify({ amount: '60.00', currency: 'USD' });
    const dpop = await one.agent.proof('POST', url, { token: one.token, body: rawBody });
    const headers = { authorization: `DPoP ${one.token}`, dpop, 'content-type': 'application/json' };
    const more = await fetch(`${living.agents}${refundsPath}`, { method: 'POST', headers, body: rawBody });
    await refused(more, 'limits.sum_exceeded');
    assert.equal(dying.written(), '');
  });

  test('right after it took the answer, before it ran the call, loses nothing: another runs it, once', async () => {
    const { house } = several;
    await several.join('third');
    const working = await atWork(house);
    const waiting = await asked(house, working, '82.00');
    const [tenant, sent] = [await tenantOf(house), upstream.writes().length];
    const hearing = poll(waiting, 20);
    // What the node that took the answer had made durable, and no more.
    await several.asANode((ground) => yesOf(ground, tenant, house.bob, waiting.question));
    assert.equal((await hearing).status, 201);
    await sleep(1500);
    assert.equal(upstream.writes().length, sent + 1, 'an approved call ran twice');
    assert.equal((await house.carol.operator.approvals.show(waiting.question.id)).state, 'done');
  });

  test('while it runs an approved call, leaves it as unknown, and nobody runs it again', async () => {
    const { house } = several;
    const dying = await several.launch('dying too');
    const working = await atWork(house);
    const waiting = await asked(house, working, '83.00');
    isSilent = true;
    const sent = upstream.writes().length;
    several.peopleAt(dying);
    await house.bob.operator.approvals.answer(waiting.question, 'yes');
    await until('the refund at the upstream', () => upstream.writes().length === sent + 1 || undefined);
    several.peopleAt(several.first);
    await sleep(1500);
    assert.equal((await house.carol.operator.approvals.show(waiting.question.id)).state, 'claimed', 'it lives');
    await dying.kill();
    const end = await settled(house, waiting);
    assert.equal(end.state, 'unknown');
    isSilent = false;
    await refused(await poll(waiting), 'approval.unknown');
    await sleep(1200);
    assert.equal(upstream.writes().length, sent + 1, 'an approved call ran twice');
    const lost = (await verifiedLog(house)).filter(
      ({ header }) => header.kind === 'approval.unknown' && header.task === working.task,
    );
    assert.equal(lost.length, 1);
  });

  test('in the middle of load, while another goes on: nothing runs twice, nothing is oversold, and the budget is used up', async () => {
    const { house } = several;
    const [dying, living] = [await several.launch('dying under load'), await several.join('goes on')];
    const at: { node: Node } = { node: living };
    const agent = await rawAgent(house, await registerBot(house.alice, 'load-bot'), () => at.node.agents);
    const task = await house.openTask({ agent: agent.bot.id, authority: refundsUpTo('60.00') });
    const token = await agent.accept(task);
    const told: string[] = [];
    const reasons = new Set<string>();
    let number = 0;
    const spend = async (node: Node): Promise<'told' | 'full' | 'broken'> => {
      const reason = `load ${number++}`;
      reasons.add(reason);
      at.node = node;
      const rawBody = JSON.stringify({ amount: '1.00', currency: 'USD', reason });
      const response = await refund(agent, token, '1.00', { rawBody }).catch(() => undefined);
      if (response === undefined) return 'broken';
      const text = await response.text();
      if (response.status === 201) told.push(response.headers.get('ambit-entry') ?? '');
      return text.includes('limits.sum_exceeded') ? 'full' : 'told';
    };
    const loop = async (node: Node) => {
      for (let last = 'told'; last === 'told'; ) last = await spend(node);
    };
    const dies = [loop(dying), loop(dying), loop(dying)];
    await until('a load', () => told.length >= 12 || undefined);
    await dying.kill();
    await Promise.all(dies);
    await Promise.all([loop(living), loop(living), loop(living)]);
    const own = await until('the end of all calls', async () => {
      const log = (await verifiedLog(house)).filter(({ header }) => header.task === task);
      const open = log.filter(({ header }) => header.decision === 'permit').length;
      return log.filter(({ header }) => header.kind === 'call.outcome').length === open ? log : undefined;
    });
    const permits = new Set(
      own.filter(({ header }) => header.decision === 'permit').map(({ header }) => header.id as string),
    );
    assert.equal(permits.size, 60, 'what was admitted is what was granted');
    for (const entry of told) assert.ok(permits.has(entry), `${entry}, which was told, is not in the log`);
    const heard = upstream.writes().flatMap(({ body }) => (JSON.parse(body) as { reason?: string }).reason ?? []);
    const loads = heard.filter((reason) => reasons.has(reason));
    assert.equal(new Set(loads).size, loads.length, 'a call reached the upstream twice');
    assert.ok(loads.length <= 60 && loads.length >= told.length);
  });
});
