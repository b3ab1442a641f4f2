// Three nodes, one database: what counts once counts once among all of them, and budgets are shared to the cent.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { grantType } from '@ambit/protocol';
import { enrol, newKey } from '@ambit/sdk/operator';
import { openEndpoint } from '../../src/approvals/channels/testing.ts';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { asked, atWork } from '../attacks/questions.ts';
import {
  answer,
  callsOf,
  handmadeUpstream,
  refund,
  refundsPath,
  refundsUpTo,
  type Upstream,
  until,
} from '../attacks/witness.ts';
import { only, order, registerBot } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent } from '../raw-agent.ts';
import { askForToken, jwtSpiffeType, prover, registerSpiffe, testDomain } from '../spiffe-domain.ts';
import { type Node, openSeveral, type Several } from './several.ts';

describe('three nodes', { skip: noPostgres }, () => {
  let several: Several;
  let upstream: Upstream;
  let nodes: readonly Node[];
  before(async () => {
    upstream = await handmadeUpstream(({ line, socket }) =>
      answer(socket, line.startsWith('GET ') ? 200 : 201, { id: 'rfd_1' }),
    );
    several = await openSeveral({ upstream: upstream.url, env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
    // Both start at the same moment, on a store that a third has open.
    nodes = [several.first, ...(await Promise.all([several.join('second'), several.join('third')]))];
  });
  after(async () => {
    await several.close();
    await upstream.close();
  });

  /** An agent whose request goes wherever `at.node` points, with one key: what it sends can be sent to each node. */
  async function everywhere(): Promise<{ agent: RawAgent; at: { node: Node } }> {
    const at = { node: several.first };
    const bot = await registerBot(several.house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
    return { agent: await rawAgent(several.house, bot, () => at.node.agents), at };
  }

  const codeOf = async (response: Response) => {
    const text = await response.text();
    return response.ok ? 'ok' : String((JSON.parse(text) as { code?: string }).code ?? text);
  };

  /** The same request to every node at the same moment: how each answered. */
  const atOnce = (at: { node: Node }, send: () => Promise<Response>): Promise<string[]> =>
    Promise.all(
      nodes.map((node) => {
        at.node = node;
        return send().then(codeOf);
      }),
    );
  const once = (answers: readonly string[], otherwise: string) =>
    assert.deepEqual(answers.toSorted(), ['ok', otherwise, otherwise].toSorted());

  test('a proof that is shown to all of them at the same moment is accepted by one', async () => {
    const { agent, at } = await everywhere();
    const task = await several.house.openTask({ agent: agent.bot.id, authority: refundsUpTo('250.00') });
    const token = await agent.accept(task);
    for (let round = 0; round < 3; round++) {
      const rawBody = JSON.stringify({ amount: `1.0${round}`, currency: 'USD' });
      const proof = await agent.proof('POST', `${several.house.plane.agents}${refundsPath}`, { token, body: rawBody });
      const sent = upstream.writes().length;
      once(await atOnce(at, () => agent.call(token, 'POST', refundsPath, { rawBody, proof })), 'proof.replayed');
      assert.equal(upstream.writes().length, sent + 1);
    }
    assert.equal((await callsOf(several.house, task)).filter((step) => step.decided === 'permit').length, 3);
  });

  test('and so is an assertion, an actor token and an enrolment code', async () => {
    const { agent, at } = await everywhere();
    const form = { grant_type: grantType.clientCredentials, client_assertion: await agent.assertion() };
    once(await atOnce(at, () => agent.tokenRequest(form)), 'assertion.replayed');

    const task = await several.house.openTask({ agent: agent.bot.id });
    const token = await agent.accept(task);
    const helper = await rawAgent(several.house, several.house.lookupBot);
    const actor = await helper.actorToken();
    const less = [only('shop:shipping.get', 'path.orderId', order)];
    once(await atOnce(at, () => agent.tokenRequest(exchangeForm(token, actor, less))), 'assertion.replayed');
    assert.equal((await several.house.carol.operator.tasks.show(task)).run.length, 2, 'a second task was made');

    const { enrolment } = await several.house.ada.operator.persons.register({ name: 'Dora', roles: [] });
    several.peopleAt(...nodes);
    const enrolled = await Promise.allSettled(
      nodes.map(async () => enrol({ url: several.house.plane.people, code: enrolment.code, key: await newKey() })),
    );
    assert.equal(enrolled.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test('an SVID that different keys bring to all of them at the same moment counts for one of them', async () => {
    const { house } = several;
    const acme = await testDomain('acme.example');
    await house.ada.operator.trustDomains.set(acme.name, { bundle: acme.bundle() });
    const subject = 'spiffe://acme.example/everywhere';
    await registerSpiffe(house.alice, 'spiffe-bot', subject);
    const svid = await acme.jwtSvid(subject, house.plane.agents);
    const form = { client_assertion_type: jwtSpiffeType, client_assertion: svid };
    const proofs = await Promise.all(nodes.map(async () => (await prover(house))()));
    const told = await Promise.all(
      nodes.map(({ agents }, i) => askForToken({ plane: { ...house.plane, agents } }, form, proofs[i] ?? null)),
    );
    once(
      told.map(({ status, code = '' }) => (status === 200 ? 'ok' : code)),
      'assertion.replayed',
    );
  });

  test('a yes and a no that reach two of them at the same moment are one answer, and the call runs at most once', async () => {
    for (let round = 0; round < 3; round++) {
      const working = await atWork(several.house);
      const waiting = await asked(several.house, working, `8${round}.00`);
      const sent = upstream.writes().length;
      several.peopleAt(...nodes);
      const given = (['yes', 'no', 'yes'] as const).map((said) => ({ said }));
      const answers = await Promise.allSettled(
        given.map(({ said }) => several.house.bob.operator.approvals.answer(waiting.question, said)),
      );
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
      const end = await until('the end of the question', async () => {
        const { state } = await several.house.carol.operator.approvals.show(waiting.question.id);
        return ['parked', 'approved', 'claimed'].includes(state) ? undefined : state;
      });
      const isYes = given[answers.findIndex(({ status }) => status === 'fulfilled')]?.said === 'yes';
      assert.equal(end, isYes ? 'done' : 'refused');
      assert.equal(upstream.writes().length, sent + (isYes ? 1 : 0));
    }
  });

  test('a budget that all of them spend at once is never exceeded, and is used up to the cent', async () => {
    const { agent, at } = await everywhere();
    const task = await several.house.openTask({ agent: agent.bot.id, authority: refundsUpTo('25.00') });
    const token = await agent.accept(task);
    const before = upstream.writes().length;
    const codes = await Promise.all(
      Array.from({ length: 36 }, (_, i) => {
        at.node = nodes[i % nodes.length]!;
        const rawBody = JSON.stringify({ amount: '1.00', currency: 'USD', reason: `spends ${i}` });
        return refund(agent, token, '1.00', { rawBody }).then(codeOf);
      }),
    );
    assert.equal(codes.filter((code) => code === 'ok').length, 25);
    assert.equal(codes.filter((code) => code === 'limits.sum_exceeded').length, 11, codes.join(' '));
    assert.equal(upstream.writes().length, before + 25);
  });

  test('a question that all of them read in the log is told once to each channel, and so is its answer', async (t) => {
    const endpoint = await openEndpoint();
    t.after(() => endpoint.close());
    const { channels } = several.house.ada.operator;
    const added = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        channels.add({ kind: 'webhook', name: `pager-${i}`, url: `${endpoint.url}/${i}` }),
      ),
    );
    const waiting = await asked(several.house, await atWork(several.house));
    await until('the question at each', () => endpoint.heard.length >= added.length || undefined);
    await several.house.bob.operator.approvals.answer(waiting.question, 'no');
    await until('the answer at each', () => endpoint.heard.length >= 2 * added.length || undefined);
    // Every delivery is written down as taken, so nobody has anything left to send.
    await until('that nothing waits', async () => {
      const all = (await Promise.all(added.map(({ id }) => channels.deliveries(id)))).flat();
      return all.every(({ state, attempts }) => state === 'delivered' && attempts === 1) || undefined;
    });
    const ids = endpoint.heard.map(({ headers }) => headers['webhook-id']);
    assert.equal(ids.length, 2 * added.length, 'nothing came twice');
    assert.equal(new Set(ids).size, ids.length);
  });
});
