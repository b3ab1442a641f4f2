import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decimalOf } from '@ambit/protocol';
import fc from 'fast-check';
import type { Change } from '../foundation/index.ts';
import type { Question } from './ask.ts';
import { ask } from './ask.ts';
import { ruleByDefault } from './rule.ts';
import { setApprovalRule } from './set-rule.ts';
import { findApproval, listOfAgent } from './store.ts';
import { asked, askLimits, openApprovals, plain, refundShown, refusal, type TestApprovals } from './testing.ts';

let t: TestApprovals;
before(async () => {
  t = await openApprovals();
});
after(() => t.close());

/** The same question once more, as a retry brings it: with an entry of its own. */
const again = (question: Question, more: Partial<Question> = {}) =>
  ask(t.ground, { ...question, entry: asked(t.ground), ...more }, askLimits);

describe('a question', () => {
  test('is parked with everything that was shown, under the entry of the decision that asked', async () => {
    const question = t.question();
    const parked = await ask(t.ground, question, askLimits);
    assert.deepEqual(plain(await t.stored(parked)), plain(parked));
    assert.deepEqual([parked.state, parked.answers, parked.runBefore, parked.ranAs], ['parked', [], null, null]);
    assert.deepEqual(parked.shown, refundShown);
    assert.equal(parked.entry, question.entry.id);
    assert.equal(parked.expiresAt, t.ground.clock() + 900_000);
    const written = await t.ground.database.log.entry(t.home.tenant, question.entry.id);
    const { detail } = t.ground.database.log.open(written!)!;
    assert.deepEqual([detail.approval, detail.digest], [parked.id, parked.digest]);
  });

  test('ends with its task at the latest, and says so from the beginning', async () => {
    const taskUntil = t.ground.clock() + 300_000;
    const { expiresAt } = await ask(t.ground, t.question({ shown: { ...refundShown, taskUntil } }), askLimits);
    assert.equal(expiresAt, taskUntil);
    const later = { ...refundShown, taskUntil: t.ground.clock() + 3_600_000 };
    assert.equal((await ask(t.ground, t.question({ shown: later }), askLimits)).expiresAt, t.ground.clock() + 900_000);
  });

  test('without a rule of the tenant’s own goes to one approver who did not ask', async () => {
    const { role, answersNeeded, notRequester, notOwner } = await t.ask();
    assert.deepEqual(
      { role, answersNeeded, notRequester, notOwner },
      {
        role: 'approver',
        answersNeeded: 1,
        notRequester: true,
        notOwner: false,
      },
    );
  });

  test('asked again is the same question, and only what came along is spent once more', async () => {
    const question = t.question();
    const first = await ask(t.ground, question, askLimits);
    const [second, third] = [await again(question), await again(question)];
    assert.deepEqual([second.id, third.id], [first.id, first.id]);
    assert.equal((await listOfAgent(t.ground, t.home.tenant, question.agent, ['parked'])).length, 1);
    assert.equal(second.expiresAt, first.expiresAt, 'asking again gives no more time');
  });

  test('asked ten times at once is one question', async () => {
    const question = t.question();
    const all = await Promise.all(Array.from({ length: 10 }, () => again(question)));
    assert.equal(new Set(all.map(({ id }) => id)).size, 1);
    assert.equal((await listOfAgent(t.ground, t.home.tenant, question.agent, ['parked'])).length, 1);
  });

  test('is another one for another call, another task, other asks, another tenant, or once the first is over', async () => {
    const question = t.question();
    const first = await ask(t.ground, question, askLimits);
    const more: Partial<Question>[] = [
      { callDigest: 'sha-256:other' },
      { task: t.ground.newId('task') },
      { asks: [...question.asks, { ask: 'policy:large', reason: 'Large.' }] },
      { asks: [] },
    ];
    for (const one of more) assert.notEqual((await again(question, one)).id, first.id);
    const next = await t.nextDoor();
    assert.notEqual((await next.ask({ ...question, tenant: next.home.tenant, entry: asked(t.ground) })).id, first.id);
    assert.equal(await findApproval(t.ground, next.home.tenant, first.id), undefined);
    await t.answer(t.bob, first, { answer: 'no' });
    assert.notEqual((await again(question)).id, first.id);
  });

  test('is another one after a yes, and after its time', async () => {
    const [yes, late] = [t.question(), t.question()];
    const [approved, first] = [await ask(t.ground, yes, askLimits), await ask(t.ground, late, askLimits)];
    await t.answer(t.bob, approved);
    assert.notEqual((await again(yes)).id, approved.id);
    t.ground.clock.advance(899_999);
    assert.equal((await again(late)).id, first.id);
    t.ground.clock.advance(1);
    assert.notEqual((await again(late)).id, first.id);
  });

  test('is not asked where what comes with it cannot be spent', async () => {
    const question = t.question();
    const [one, counter] = [decimalOf('1'), `proof|${question.task}`];
    const proof: Change = { change: 'reserve', counter, window: 0, by: one, max: one, otherwise: 'proof.replayed' };
    const first = await ask(t.ground, { ...question, changes: [proof] }, askLimits);
    await assert.rejects(again(question, { changes: [proof] }), refusal('proof.replayed'));
    await assert.rejects(again(question, { callDigest: 'x', changes: [proof] }), refusal('proof.replayed'));
    assert.equal((await listOfAgent(t.ground, t.home.tenant, question.agent, ['parked'])).length, 1);
    assert.equal((await t.stored(first)).state, 'parked');
  });
});

describe('the questions that an agent may have open', () => {
  test('are so many, of all its tasks together; each that ends makes room', async () => {
    const { agent } = t.question();
    const all = [];
    for (let i = 0; i < askLimits.pendingPerAgentMax; i++) all.push(await t.ask({ agent }));
    await assert.rejects(t.ask({ agent }), refusal('approval.too_many_pending'));
    assert.equal((await t.ask()).state, 'parked', 'another agent may still ask');
    await t.answer(t.bob, all[0]!, { answer: 'no' });
    await t.ask({ agent });
    await assert.rejects(t.ask({ agent }), refusal('approval.too_many_pending'));
    t.ground.clock.advance(900_000);
    await t.ask({ agent });
  });

  test('are no more when they come at once', async () => {
    const { agent } = t.question();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => t.ask({ agent })));
    assert.equal(tries.filter((one) => one.status === 'fulfilled').length, askLimits.pendingPerAgentMax);
    for (const one of tries) if (one.status === 'rejected') refusal('approval.too_many_pending')(one.reason);
  });

  test('leave room for the one that is open already', async () => {
    const question = t.question();
    for (let i = 0; i < askLimits.pendingPerAgentMax - 1; i++) await t.ask({ agent: question.agent });
    const known = await again(question);
    assert.equal((await again(question)).id, known.id);
  });
});

describe('who may answer', () => {
  const rule = { ...ruleByDefault(60), role: 'policy', notRequester: false } as const;

  test('is said by the most particular rule: of the action, of its API, of all', async () => {
    const next = await t.nextDoor();
    const set = (action: string, answersNeeded: number) =>
      setApprovalRule(t.ground, next.home.admin.caller, { ...rule, action, answersNeeded });
    const needs = async (action: string) => (await next.ask({ action })).answersNeeded;
    assert.equal(await needs('shop:refunds.create'), 1);
    await set('*', 2);
    await set('shop:*', 3);
    await set('shop:refunds.create', 4);
    assert.deepEqual(
      [await needs('shop:refunds.create'), await needs('shop:orders.delete'), await needs('shop2:orders.delete')],
      [4, 3, 2],
    );
    assert.equal((await next.ask({ action: 'shop:refunds' })).answersNeeded, 3, 'a longer name is another action');
    assert.equal((await t.ask()).answersNeeded, 1, 'the rules of one tenant say nothing in another');
  });

  test('is fixed with the question: a rule reaches those asked from then on', async () => {
    const next = await t.nextDoor();
    const question = next.question();
    const before = await ask(t.ground, question, askLimits);
    await setApprovalRule(t.ground, next.home.admin.caller, { ...rule, action: '*' });
    assert.equal((await next.stored(before)).role, 'approver');
    assert.equal((await next.answer(next.bob, before)).state, 'approved');
    const after = await next.ask();
    assert.deepEqual([after.role, after.expiresAt], ['policy', t.ground.clock() + 60_000]);
    await assert.rejects(next.answer(next.bob, after), refusal('approval.not_yours'));
  });

  test('changes with an entry that says what it was before', async () => {
    const next = await t.nextDoor();
    await setApprovalRule(t.ground, next.home.admin.caller, { ...rule, action: '*' });
    await setApprovalRule(t.ground, next.home.admin.caller, { ...rule, action: '*', answersNeeded: 2 });
    const written = await t.ground.database.log.entries(next.home.tenant, { kind: 'approval.rule-set', limit: 9 });
    assert.deepEqual(
      written.map(
        (one) => (t.ground.database.log.open(one)?.detail.before as typeof rule | null)?.answersNeeded ?? null,
      ),
      [null, 1],
    );
  });
});

test('law: what a person signs differs whenever anything that is shown, asked or sent does', async () => {
  const next = await t.nextDoor();
  const parts: ((text: string) => Partial<Question>)[] = [
    (text) => ({ callDigest: text }),
    (text) => ({ asks: [{ ask: text, reason: 'r' }] }),
    (text) => ({ asks: [{ ask: 'a', reason: text }] }),
    (text) => ({ lookAgainDigest: text }),
    ...(['sentence', 'url', 'method', 'claim', 'requester', 'agent', 'purpose', 'reversibility'] as const).map(
      (name) => (text: string) => ({ shown: { ...refundShown, [name]: text } }),
    ),
    (text) => ({ shown: { ...refundShown, values: [{ name: 'body.amount', value: text, source: 'call' as const }] } }),
    (text) => ({ shown: { ...refundShown, amount: { amount: text, currency: 'USD' } } }),
    (text) => ({ shown: { ...refundShown, lookedAgain: { action: 'shop:orders.get', status: 200, text } } }),
    (text) => ({ shown: { ...refundShown, left: [text] } }),
  ];
  const base = next.question();
  const digest = async (more: Partial<Question>) => {
    const made = await ask(
      t.ground,
      { ...base, entry: asked(t.ground), task: t.ground.newId('task'), ...more },
      { ...askLimits, pendingPerAgentMax: 10_000 },
    );
    return made.digest;
  };
  const seen = new Map<string, string>([[await digest({}), 'as it is']]);
  for (const [i, part] of parts.entries()) {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 8 }), async (text) => {
        const made = await digest(part(`${i}${text}`));
        const known = seen.get(made);
        assert.ok(known === undefined || known === `${i} ${text}`, `${known} and ${i} ${text} sign alike`);
        seen.set(made, `${i} ${text}`);
      }),
      { numRuns: 3 },
    );
  }
  assert.equal(await digest({}), await digest({}), 'and is the same where nothing does');
});
