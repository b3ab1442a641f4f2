// A thousand approvals are answered at the same moment; and two people answer the same one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApprovalId } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { atWork, joins, type Working } from '../attacks/questions.ts';
import { refund, refundsUpTo, until } from '../attacks/witness.ts';
import { type Player, registerBot } from '../house.ts';
import { isFull } from './size.ts';
import { namesHeard, openStage, type Stage } from './stage.ts';

// As many of each as it may have open at once.
const askers = isFull ? 50 : 4;
const perAsker = 20;
const many = askers * perAsker;
const pairs = isFull ? 60 : 10;

let stage: Stage;
let asking: readonly Working[];
let dora: Player;
before(async () => {
  stage = await openStage({
    env: { AMBIT_APPROVALS_PENDING_MAX: String(perAsker), AMBIT_APPROVAL_RUN_SECONDS: '120' },
  });
  const [grant] = refundsUpTo('100000.00');
  const authority = [{ ...(grant ?? assert.fail()), asks: [{ always: true as const, reason: 'Always ask.' }] }];
  const working: Working[] = [];
  for (let i = 0; i < askers; i++) {
    working.push(await atWork(stage.house, { authority }, await registerBot(stage.house.alice, `asks-${i}`)));
  }
  asking = working;
  dora = await joins(stage.house, 'Dora', ['approver']);
});
after(() => stage.close());

async function ask(name: string, i = 0): Promise<Approval> {
  const { agent, token } = asking[i % askers] ?? assert.fail();
  const rawBody = JSON.stringify({ amount: '1.00', currency: 'USD', reason: name });
  const response = await refund(agent, token, '1.00', { rawBody });
  assert.equal(response.status, 202, await response.clone().text());
  return stage.house.bob.operator.approvals.show(response.headers.get('ambit-approval') as ApprovalId);
}

async function askMany(names: readonly string[]): Promise<Approval[]> {
  const all: Approval[] = [];
  for (let from = 0; from < names.length; from += 40)
    all.push(...(await Promise.all(names.slice(from, from + 40).map((name, i) => ask(name, from + i)))));
  return all;
}

const stateOf = async ({ id }: Approval) => (await stage.house.carol.operator.approvals.show(id)).state;

/** The state of each question once nobody works on it any more. */
async function settled(questions: readonly Approval[]): Promise<string[]> {
  const states: string[] = [];
  for (const one of questions) {
    const state = await until(`the end of ${one.id}`, async () => {
      const now = await stateOf(one);
      return now === 'approved' || now === 'claimed' ? undefined : now;
    });
    states.push(state);
  }
  return states;
}

test(`${many} approvals answered at once${isFull ? '' : ' (1000 in npm run test:faults)'} are each taken, and each runs once`, {
  timeout: 600_000,
}, async () => {
  const questions = await askMany(Array.from({ length: many }, (_, i) => `asked-${i}`));
  assert.equal(namesHeard(stage.upstream).length, 0);
  await Promise.all(questions.map((one) => stage.house.bob.operator.approvals.answer(one, 'yes')));
  const states = await settled(questions);
  assert.deepEqual([...new Set(states)], ['done']);
  const heard = namesHeard(stage.upstream);
  assert.equal(heard.length, many);
  assert.equal(new Set(heard).size, many);
  await stage.holds();
});

test(`where two people answer the same one at the same moment, one answer counts (${pairs} times)`, {
  timeout: 120_000,
}, async () => {
  const { bob } = stage.house;
  const before = namesHeard(stage.upstream).length;
  let ran = 0;
  for (let i = 0; i < pairs; i++) {
    const question = await ask(`pair-${i}`);
    const says = i % 2 === 0 ? ('yes' as const) : ('no' as const);
    const answers = await Promise.allSettled([
      bob.operator.approvals.answer(question, 'yes'),
      dora.operator.approvals.answer(question, says),
    ]);
    const taken = answers.filter(({ status }) => status === 'fulfilled');
    assert.equal(taken.length, 1, JSON.stringify(answers));
    const lost = answers.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    assert.equal((lost.reason as { code: string }).code, 'approval.over');
    const [state] = await settled([question]);
    const now = await stage.house.carol.operator.approvals.show(question.id);
    assert.equal(now.answers.length, 1);
    assert.equal(state, now.answers[0]?.answer === 'yes' ? 'done' : 'refused');
    if (state === 'done') ran++;
  }
  assert.equal(namesHeard(stage.upstream).length, before + ran);
  await stage.holds();
});
