// A parked refund comes back to life hours after its proof: whatever ended in between must have ended it too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RefusalCode } from '@ambit/protocol';
import { claim } from '../../src/approvals/index.ts';
import { type House, openHouse, type Player, registerBot } from '../house.ts';
import { tenantOf, whileDown, yesOf } from './offline.ts';
import { asked, atWork, joins, poll, settled, twoMustAgree, type Waiting } from './questions.ts';
import { callsOf, refund, refundsPath, refused, until } from './witness.ts';

let house: House;
let dora: Player;
let number = 0;
before(async () => {
  house = await openHouse({ env: { AMBIT_APPROVALS_PENDING_MAX: '100' } });
  dora = await joins(house, 'Dora', ['approver']);
});
after(() => house.close());

const ledger = () => house.shop.ledger().length;

/** A bot and a task of its own for each story, so that what ends in one ends nothing of the next. */
async function waitingOf(amount: string): Promise<Waiting> {
  const bot = await registerBot(house.alice, `bot-${++number}`);
  return asked(house, await atWork(house, {}, bot), amount);
}

type Between = {
  readonly what: string;
  readonly happens: (waiting: Waiting) => Promise<unknown>;
  readonly code: RefusalCode;
};

const between: readonly Between[] = [
  {
    what: 'the key that proved it was revoked',
    happens: async ({ question }) => {
      const { keys } = await house.alice.operator.agents.show(question.agent);
      await house.alice.operator.agents.revokeKey(question.agent, keys[0]!.id);
    },
    code: 'token.key_revoked',
  },
  {
    what: 'a rule was published that forbids it',
    happens: async () => {
      const [policy] = await house.ada.operator.policies.list();
      const { text } = await house.ada.operator.policies.show(policy!.number);
      const rule =
        '@id("closed") @reason("Closed.") forbid(principal, action == Action::"shop:refunds.create", resource) when { context.arguments.path.orderId == "1042" };';
      await house.ada.operator.policies.publish(`${text}\n${rule}`);
      undo = () => house.ada.operator.policies.publish(text);
    },
    code: 'policy.denied',
  },
  {
    what: 'its budget was spent by other calls',
    happens: async ({ agent, token, task }) => {
      await house.ada.operator.limits.set({
        name: 'refunds-a-day',
        subject: 'agent',
        whom: agent.bot.id,
        limit: { sum: { max: '60.00', currency: 'USD' }, seconds: 86_400 },
        reason: 'Enough for one day.',
      });
      undo = () => house.ada.operator.limits.remove('refunds-a-day');
      assert.equal((await refund(agent, token, '20.00')).status, 201, task);
    },
    code: 'limits.window_exceeded',
  },
  {
    what: 'the person who asked may delegate it no longer',
    happens: async () => {
      const { delegable } = await house.ada.operator.persons.show(house.alice.id);
      undo = () => house.ada.operator.persons.setDelegable(house.alice.id, delegable);
      await house.ada.operator.persons.setDelegable(house.alice.id, [delegable[0]!]);
    },
    code: 'authority.beyond_delegable',
  },
];
let undo: () => Promise<unknown> = async () => undefined;

for (const { what, happens, code } of between) {
  test(`a yes runs nothing once ${what}`, async () => {
    const waiting = await waitingOf('55.00');
    await happens(waiting);
    const before = ledger();
    await house.bob.operator.approvals.answer(waiting.question, 'yes');
    const ended = await settled(house, waiting);
    await undo();
    undo = async () => undefined;
    assert.equal(ended.state, 'denied');
    assert.equal(ledger(), before);
    const denial = (await house.carol.operator.runs.show(waiting.task)).tasks[0]?.steps.find(
      (one) => one.entry === waiting.question.entry,
    );
    const again = await house.carol.operator.log.entry(ended.ranAs ?? ('' as never));
    assert.deepEqual([again.header.decision, again.header.code, denial?.decidedAgain], ['deny', code, 'deny']);
    assert.equal(again.header.about, waiting.question.entry);
  });
}

const endings: Record<string, (waiting: Waiting) => Promise<unknown>> = {
  'its task': ({ task }) => house.alice.operator.tasks.revoke(task, 'Dana called.'),
  'its agent': ({ question }) => house.alice.operator.agents.suspend(question.agent, 'It talks to strangers.'),
};

for (const [what, end] of Object.entries(endings)) {
  test(`a question ends with ${what}: nobody can say yes to it, and its poll is dead`, async () => {
    const waiting = await waitingOf('56.00');
    await end(waiting);
    const before = ledger();
    await assert.rejects(house.bob.operator.approvals.answer(waiting.question, 'yes'), { code: 'approval.over' });
    assert.equal((await settled(house, waiting)).state, 'ended');
    assert.equal((await poll(waiting)).status, 401);
    assert.equal(ledger(), before);
  });
}

test('an approver who lost the role answers nothing, whatever the session said before', async () => {
  const eve = await joins(house, 'Eve', ['approver']);
  const waiting = await waitingOf('57.00');
  await eve.operator.approvals.list();
  await house.ada.operator.persons.setRoles(eve.id, []);
  await assert.rejects(eve.operator.approvals.answer(waiting.question, 'yes'));
  assert.equal((await house.bob.operator.approvals.show(waiting.question.id)).state, 'parked');
});

test('a yes of somebody who may not answer any more counts no longer when the second one comes', async () => {
  await twoMustAgree(house);
  for (const [i, gone] of ['loses the role', 'is disabled'].entries()) {
    const frank = await joins(house, `Frank ${i}`, ['approver']);
    const waiting = await waitingOf('58.00');
    const before = ledger();
    await frank.operator.approvals.answer(waiting.question, 'yes');
    if (i === 0) await house.ada.operator.persons.setRoles(frank.id, ['auditor']);
    else await house.ada.operator.persons.disable(frank.id, 'Left.');
    await dora.operator.approvals.answer(await dora.operator.approvals.show(waiting.question.id), 'yes');
    assert.equal((await settled(house, waiting)).state, 'moved', gone);
    assert.equal(ledger(), before, gone);
    const anew = (await house.bob.operator.approvals.list()).find((one) => one.task === waiting.task);
    assert.deepEqual(anew?.answers, [], gone);
  }
});

test('two approvers who answer at once run it once, and one person is never two', async () => {
  const waiting = await waitingOf('59.00');
  const before = ledger();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  const seen = await dora.operator.approvals.show(waiting.question.id);
  await assert.rejects(house.bob.operator.approvals.answer(seen, 'yes'), { code: 'approval.not_yours' });
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, () => dora.operator.approvals.answer(seen, 'yes')),
  );
  assert.equal(answers.filter((one) => one.status === 'fulfilled').length, 1);
  assert.equal((await settled(house, waiting)).state, 'done');
  assert.equal(ledger(), before + 1);
});

test('a yes and a no at once: one of them counts, and the other is told that it is over', async () => {
  const one = {
    action: 'shop:refunds.create',
    role: 'approver' as const,
    answersNeeded: 1,
    notRequester: true,
    notOwner: false,
    ttlSeconds: 600,
  };
  await house.ada.operator.approvals.setRule(one);
  for (let round = 0; round < 5; round++) {
    const waiting = await waitingOf('60.00');
    const before = ledger();
    const answers = await Promise.allSettled([
      house.bob.operator.approvals.answer(waiting.question, 'yes'),
      dora.operator.approvals.answer(waiting.question, 'no'),
    ]);
    const { state } = await settled(house, waiting);
    assert.equal(answers.filter((each) => each.status === 'fulfilled').length, 1);
    assert.equal(state, answers[0]?.status === 'fulfilled' ? 'done' : 'refused');
    assert.equal(ledger(), before + (state === 'done' ? 1 : 0));
  }
});

test('twenty that resume it at once claim it once', async () => {
  const waiting = await waitingOf('61.00');
  const before = ledger();
  const tenant = await tenantOf(house);
  const won = await whileDown(house, async (ground) => {
    await yesOf(ground, tenant, house.bob, waiting.question);
    const claims = Array.from({ length: 20 }, () => claim(ground, tenant, waiting.question.id));
    return (await Promise.allSettled(claims)).filter((one) => one.status === 'fulfilled').length;
  });
  assert.equal(won, 1);
  // The process that claimed it is gone, and nobody knows how far it came: it is never run again.
  assert.equal((await settled(house, waiting)).state, 'unknown');
  await refused(await poll(waiting), 'approval.unknown');
  assert.equal(ledger(), before);
});

test('the proof that parked it opens nothing a second time, neither before the yes nor after', async () => {
  const bot = await registerBot(house.alice, `bot-${++number}`);
  const working = await atWork(house, {}, bot);
  const body = { amount: '62.00', currency: 'USD' };
  const url = `${house.plane.agents}${refundsPath}`;
  const proof = await working.agent.proof('POST', url, { token: working.token, body: JSON.stringify(body) });
  const send = () => working.agent.call(working.token, 'POST', refundsPath, { body, proof });
  const first = await send();
  assert.equal(first.status, 202);
  const requests = house.shop.requests().length;
  for (let i = 0; i < 3; i++) await refused(await send(), 'proof.replayed');
  assert.equal(house.shop.requests().length, requests, 'a replay had the plane look at the shop');
  const question = await until('the question', async () =>
    (await house.bob.operator.approvals.list()).find((one) => one.task === working.task),
  );
  const before = ledger();
  await house.bob.operator.approvals.answer(question, 'yes');
  assert.equal((await settled(house, { question })).state, 'done');
  await refused(await send(), 'proof.replayed');
  assert.equal(ledger(), before + 1);
  assert.equal((await callsOf(house, working.task)).filter((one) => one.decidedAgain === 'permit').length, 1);
});
