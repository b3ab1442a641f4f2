import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Authority, decimalOf } from '@ambit/protocol';
import { entry, update } from '../foundation/index.ts';
import { disablePerson, findAgent, suspendAgent } from '../identity/index.ts';
import { delegateTask, type Task, tasks } from '../tasks/index.ts';
import { accepted, type Bot, closeShared, taskCaller } from '../tokens/testing.ts';
import type { Asking } from './caller.ts';
import { gatherFacts } from './facts.ts';
import { rememberUnknown } from './store.ts';
import { openGateway, refundCall, refusal, shopCall, type TestGateway } from './testing.ts';

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(closeShared);

const gather = (asking: Asking, call = shopCall(gateway, 'GET', '/orders/1042')) =>
  gatherFacts(gateway.plane.ground, asking, call, null);

async function change(set: Partial<Task>, id: Task['id']): Promise<void> {
  const { ground, home } = gateway.plane;
  await ground.database.commit({
    tenant: home.tenant,
    changes: [update(tasks, { id }, set)],
    entries: [entry({ id: ground.newId('entry'), kind: 'test.changed', who: home.admin.caller.who })],
  });
}

/** A task with that authority, accepted by the bot. */
async function actingWith(authority: Authority): Promise<{ bot: Bot; task: Task; asking: Asking }> {
  const { plane } = gateway;
  const bot = await plane.bot(`bot-${plane.ground.newId('agent')}`);
  const task = await accepted(plane, bot, authority);
  return { bot, task, asking: await gateway.ask(bot, task.id) };
}

describe('the facts of a call', () => {
  test('are the task, its agent and owner, the person who asked, the call and its digest', async () => {
    const { plane } = gateway;
    const { bot, task, asking } = await gateway.acting();
    const call = shopCall(gateway, 'GET', '/orders/1042');
    const facts = await gather(asking, call);
    assert.equal(facts.now, plane.ground.clock());
    assert.deepEqual(
      facts.chain.map(({ id }) => id),
      [task.id],
    );
    assert.deepEqual([facts.agents[0]?.id, facts.owners[0]?.id], [bot.agent.id, plane.alice.person.id]);
    assert.equal(facts.requester?.id, plane.alice.person.id);
    assert.equal(facts.call.action, 'shop:orders.get');
    assert.equal(facts.callDigest, asking.digestOf(call, null));
    assert.deepEqual(
      [facts.credential, facts.agentUser, facts.uncountable, facts.halted, facts.unknownBefore, facts.approval],
      [null, null, null, null, null, null],
    );
    assert.deepEqual(
      facts.bounds.map(({ whose, code }) => [whose, code]),
      [
        [`agent:${bot.agent.id}`, 'authority.beyond_ceiling'],
        [`person:${plane.alice.person.id}`, 'authority.beyond_delegable'],
      ],
    );
  });

  test('are the plane’s own in what the rules are asked: nothing is the caller’s word', async () => {
    const { bot, task, asking } = await gateway.acting();
    const claim = { reason: 'I am the administrator', step: '1', toolCall: 'x' };
    const { question } = await gather(asking, shopCall(gateway, 'GET', '/orders/1042', undefined, { claim }));
    assert.deepEqual(question.task, {
      id: task.id,
      purposeType: 'support',
      requester: gateway.plane.alice.person.id,
      depth: 0,
      origin: 'person',
    });
    assert.equal(question.who.kind === 'agent' && question.who.environment, bot.agent.environment);
    assert.deepEqual(
      [question.channel, question.proof, question.askCovered, question.resource],
      ['gateway', 'dpop', false, 'shop:orders/1042'],
    );
    assert.equal(JSON.stringify(question).includes('administrator'), false);
  });

  test('hold every link of a chain, with every agent’s ceiling', async () => {
    const { plane } = gateway;
    const { bot, task } = await gateway.acting();
    const helper = await plane.bot(`helper-${task.id}`);
    const actor = { agent: helper.agent.id, agentKey: helper.key.thumbprint, jkt: helper.proofKey.thumbprint };
    const caller = await taskCaller(plane, bot, task.id);
    const wish = { authority: task.authority, purposeText: 'x', ttlSeconds: 60 };
    const { task: child, write } = await delegateTask(plane.ground, caller, actor, wish);
    await write();
    const facts = await gather(await gateway.ask(bot, task.id).then((asking) => asAnother(asking, child)));
    assert.deepEqual(
      facts.chain.map(({ id }) => id),
      [child.id, task.id],
    );
    assert.deepEqual(
      facts.agents.map(({ id }) => id),
      [helper.agent.id, bot.agent.id],
    );
    assert.deepEqual(
      facts.bounds.map(({ whose }) => whose),
      [`agent:${helper.agent.id}`, `agent:${bot.agent.id}`, `person:${plane.alice.person.id}`],
    );
  });

  /** The same evidence for the task of another agent, as that agent's own proof would give it. */
  const asAnother = (asking: Asking, task: Task): Asking => ({
    ...asking,
    task: task.id,
    caller: { ...asking.caller, agent: task.agent, jkt: String(task.acceptedJkt), task: task.id },
  });

  test('are not gathered for another key, another agent, or a task that is not there', async () => {
    const { asking, task } = await gateway.acting();
    const other = await gateway.acting();
    const key = { ...asking, caller: { ...asking.caller, jkt: 'a-copy' } };
    await assert.rejects(gather(key), refusal('token.other_key'));
    const agent = { ...asking, caller: { ...asking.caller, agent: other.bot.agent.id } };
    await assert.rejects(gather(agent), refusal('token.other_key'));
    await assert.rejects(gather({ ...asking, task: other.task.id }), refusal('token.other_key'));
    await assert.rejects(gather({ ...asking, task: gateway.plane.ground.newId('task') }), refusal('task.ended'));
    const next = await gateway.plane.nextDoor();
    await assert.rejects(gather({ ...asking, tenant: next.tenant }), refusal('token.invalid'));
    await assert.rejects(gather(looking({ ...asking, tenant: next.tenant })), refusal('task.ended'));
    await change({ parent: gateway.plane.ground.newId('task') }, task.id);
    await assert.rejects(gather(asking), refusal('task.ended'));
  });

  /** The same question without a credential that has to stand. */
  const looking = (asking: Asking): Asking => ({ ...asking, looking: true });

  test('show who is suspended or disabled as they are now, and are not gathered for a token of theirs', async () => {
    const { plane } = gateway;
    const { bot, asking } = await gateway.acting();
    await suspendAgent(plane.ground, plane.alice.caller, { agent: bot.agent.id, reason: 'x' });
    assert.equal((await gather(looking(asking))).agents[0]?.state, 'suspended');
    await assert.rejects(gather(asking), refusal('agent.not_active'));
    const own = await openGateway();
    const theirs = await own.acting();
    const { alice, home, ground } = own.plane;
    await disablePerson(ground, home.admin.caller, { person: alice.person.id, reason: 'left' });
    const facts = await gatherFacts(ground, looking(theirs.asking), shopCall(own, 'GET', '/orders/1042'), null);
    assert.deepEqual([facts.requester?.state, facts.owners[0]?.state], ['disabled', 'disabled']);
  });

  test('leave a gap where an agent is gone, and nothing covers a chain that has lost its beginning', async () => {
    const { asking, task } = await gateway.acting();
    await change({ origin: { by: 'delegation', parent: task.id } }, task.id);
    const { bounds } = await gather(asking);
    assert.deepEqual(bounds.at(-1), {
      whose: `the beginning of ${task.id}`,
      authority: [],
      code: 'authority.not_covered',
    });
    await change({ origin: { by: 'standing-grant', grant: gateway.plane.ground.newId('standingGrant') } }, task.id);
    const [granted, owner] = (await gather(asking)).bounds.slice(-2);
    assert.deepEqual([granted?.code, granted?.authority], ['authority.beyond_standing_grant', []]);
    assert.equal(owner?.code, 'authority.beyond_delegable');
    await change({ requester: gateway.plane.ground.newId('person') }, task.id);
    await assert.rejects(gather(looking(asking)), refusal('task.ended'));
  });

  test('end with the time alone, though no row has changed', async () => {
    const { plane } = gateway;
    const { bot, asking } = await gateway.acting();
    await gather(asking);
    const { expiresAt } = (await findAgent(plane.ground, plane.home.tenant, bot.agent.id))!;
    const at = (now: number) =>
      gatherFacts({ ...plane.ground, clock: () => now }, asking, shopCall(gateway, 'GET', '/orders/1042'), null);
    const { chain } = await gather(asking);
    assert.ok(chain[0].expiresAt < expiresAt);
    await at(plane.ground.clock());
    await assert.rejects(at(chain[0].expiresAt), refusal('token.expired'));
  });

  test('know every counter with what stands on it, and the sums behind asks', async () => {
    const { plane } = gateway;
    const { asking, task } = await actingWith([
      { type: 'ambit_grant', actions: ['shop:orders.get'], limits: [{ calls: 5 }, { calls: 9, seconds: 3600 }] },
    ]);
    const { charges } = await gather(asking);
    const counter = `calls|task:${task.id}|0|all`;
    assert.deepEqual(charges.find((one) => one.counter === counter)?.used, '0');
    assert.equal(charges.filter((one) => one.counter === `calls|task:${task.id}|0|slices|3600`).length, 1);
    await plane.ground.database.commit({
      tenant: plane.home.tenant,
      changes: [
        { change: 'reserve', counter, window: 0, by: decimalOf('3'), max: null, otherwise: 'limits.calls_exceeded' },
      ],
      entries: [entry({ id: plane.ground.newId('entry'), kind: 'test.spent', who: plane.alice.caller.who })],
    });
    assert.equal((await gather(asking)).charges.find((one) => one.counter === counter)?.used, '3');
  });

  test('say that a sum is limited where the call’s money cannot be counted', async () => {
    const { asking } = await actingWith([
      { type: 'ambit_grant', actions: ['shop:orders.get'], limits: [{ sum: { max: '50.00', currency: 'USD' } }] },
    ]);
    const facts = await gather(asking);
    // Without money the grant does not cover the call, so nothing is charged and the decision denies it.
    assert.deepEqual(facts.charges, []);
  });

  test('remember a write of which nobody knows whether it happened, until somebody has looked', async () => {
    const { plane } = gateway;
    const { asking } = await gateway.acting();
    const call = refundCall(gateway, '31.00', '1047');
    assert.equal((await gather(asking, call)).unknownBefore, null);
    const lost = {
      digest: asking.effectDigestOf(call),
      entry: plane.ground.newId('entry'),
      at: 0,
      state: 'open',
    } as const;
    const write = (state: 'open' | 'looked', known: boolean) =>
      plane.ground.database.commit({
        tenant: plane.home.tenant,
        changes: [rememberUnknown(known ? lost : undefined, { ...lost, state })],
        entries: [entry({ id: plane.ground.newId('entry'), kind: 'test.lost', who: plane.alice.caller.who })],
      });
    await write('open', false);
    assert.equal((await gather(asking, call)).unknownBefore, lost.entry);
    const other = await gateway.acting();
    assert.equal((await gather(other.asking, call)).unknownBefore, lost.entry, 'whoever asks for the same effect');
    assert.equal((await gather(asking, refundCall(gateway, '32.00', '1047'))).unknownBefore, null);
    await write('looked', true);
    assert.equal((await gather(asking, call)).unknownBefore, null);
  });
});
