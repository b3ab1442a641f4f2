import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AnswersDocument } from '@ambit/protocol';
import fc from 'fast-check';
import { listPersonKeys, revokePersonKey } from '../identity/index.ts';
import { type Member, signDocument } from '../identity/testing.ts';
import { type AnsweringTogether, answerTogether, type Became } from './answer-together.ts';
import type { Approval } from './approval.ts';
import { ruleByDefault } from './rule.ts';
import { setApprovalRule } from './set-rule.ts';
import { askLimits, openApprovals, plain, refusal, runSeconds, type TestApprovals } from './testing.ts';
import { whoSaidYes } from './yes.ts';

let t: TestApprovals;
before(async () => {
  t = await openApprovals();
});
after(() => t.close());

/** So many questions of one task, each about a call of its own. */
async function ask(many: number, at = t, more: Parameters<TestApprovals['ask']>[0] = {}) {
  const [task, agent] = [t.ground.newId('task'), t.ground.newId('agent')];
  const limits = { ...askLimits, pendingPerAgentMax: many + 1 };
  const all: Approval[] = [];
  for (let i = 0; i < many; i++)
    all.push(await at.ask({ task, run: task, agent, callDigest: `sha-256:${task}-${i}`, ...more }, limits));
  return all;
}

type More = {
  readonly document?: Partial<AnswersDocument>;
  readonly sent?: Partial<AnsweringTogether>;
  readonly answer?: 'yes' | 'no';
  readonly at?: number;
  readonly ground?: TestApprovals['ground'];
};

/** As a careful person signs and sends it, except for what is given. */
function answer(
  by: Member,
  asked: readonly Approval[],
  { document = {}, sent = {}, ground = t.ground, ...more }: More = {},
  at = t,
) {
  const word = { answer: 'yes', reason: null, at: t.ground.clock(), ...more } as const;
  const signed: AnswersDocument = {
    ...{ type: 'ambit_approval_answers', tenant: at.home.tenant },
    ...{ task: asked[0]!.task, action: asked[0]!.action },
    approvals: asked.map(({ id, digest }) => ({ approval: id, digest })),
    ...{ ...word, person: by.person.id },
    ...document,
  };
  const approvals = asked.map(({ id }) => id);
  const given = { approvals, ...word, signature: signDocument(by.key, signed), ...sent };
  return answerTogether(ground, by.caller, given, runSeconds);
}

const became = (all: readonly Became[]) =>
  all.map((one) => ('approval' in one ? one.approval.state : one.refused.code));

async function unanswered(asked: readonly Approval[]): Promise<void> {
  for (const one of asked) assert.deepEqual(plain(await t.stored(one)), plain(one));
}

describe('an answer to several questions', () => {
  test('of yes approves each of them by one signature, and each counts by itself afterwards', async () => {
    const asked = await ask(3);
    const all = await answer(t.bob, asked);
    assert.deepEqual(became(all), ['approved', 'approved', 'approved']);
    for (const [i, one] of asked.entries()) {
      const stored = await t.stored(one);
      const told = all[i]!;
      assert.ok('approval' in told);
      assert.deepEqual(plain(stored), plain(told.approval));
      assert.equal(stored.runBefore, t.ground.clock() + runSeconds * 1000);
      assert.deepEqual(
        (await whoSaidYes(t.ground, t.home.tenant, stored))?.map(({ id }) => id),
        [t.bob.person.id],
      );
    }
  });

  test('of no ends all of them, with one reason', async () => {
    const asked = await ask(2);
    const reason = 'Not these.';
    const all = await answer(t.bob, asked, { answer: 'no', sent: { reason }, document: { reason } });
    assert.deepEqual(became(all), ['refused', 'refused']);
    for (const one of asked) {
      const { answers, sealed } = await t.stored(one);
      assert.deepEqual([answers[0]?.reason, sealed], [reason, null]);
    }
  });

  test('is an entry for each, which holds the whole list', async () => {
    const asked = await ask(2);
    await answer(t.bob, asked);
    const { log } = t.ground.database;
    const written = await log.entries(t.home.tenant, { task: asked[0]!.task, kind: 'approval.answered', limit: 9 });
    assert.deepEqual(written.map(({ header }) => header.about).toSorted(), asked.map(({ entry }) => entry).toSorted());
    for (const one of written) {
      const { approval, document } = log.open(one)!.detail as { approval: string; document: AnswersDocument };
      assert.deepEqual(
        document.approvals.map(({ digest }) => digest),
        asked.map(({ digest }) => digest),
      );
      assert.ok(document.approvals.some((of) => of.approval === approval));
    }
  });

  test('takes as many as one can read, and no more', async () => {
    const asked = await ask(51);
    await assert.rejects(answer(t.bob, asked), refusal('approval.not_together'));
    await unanswered(asked);
    const most = asked.slice(0, 50);
    assert.deepEqual(new Set(became(await answer(t.bob, most))), new Set(['approved']));
  });

  test('leaves what is over, expired, or not this person’s as it is, tells why, and answers the others', async () => {
    const [late] = await ask(1);
    const { task, agent } = late!;
    t.ground.clock.advance(899_000);
    const limits = { ...askLimits, pendingPerAgentMax: 9 };
    const asks = (of: string) => t.ask({ task, run: task, agent, callDigest: `sha-256:${task}-${of}` }, limits);
    const [said, good] = [await asks('said'), await asks('good')];
    await t.answer(t.bea, said, { answer: 'no' });
    t.ground.clock.advance(1_000);
    assert.deepEqual(became(await answer(t.bob, [late!, said, good])), ['approval.over', 'approval.over', 'approved']);
    assert.equal((await t.stored(late!)).state, 'parked');
    assert.equal((await t.stored(said)).state, 'refused');
    const old = await ask(1);
    t.ground.clock.advance(1);
    const dan = await t.home.join('Dan', { roles: ['approver'] });
    const fresh = await asks('fresh');
    const both = [{ ...old[0]!, task }, fresh];
    await assert.rejects(answer(dan, both), refusal('approval.not_together'));
    const older = await asks('older');
    t.ground.clock.advance(1);
    const eve = await t.home.join('Eve', { roles: ['approver'] });
    assert.deepEqual(became(await answer(eve, [older, await asks('newer')])), ['approval.not_yours', 'approved']);
    await unanswered([older]);
  });

  test('counts toward two where two are needed, and is not given twice', async () => {
    const next = await t.nextDoor();
    await setApprovalRule(t.ground, next.home.admin.caller, { ...ruleByDefault(900), answersNeeded: 2 });
    const asked = await ask(2, next);
    assert.deepEqual(became(await answer(next.bob, asked, {}, next)), ['parked', 'parked']);
    await assert.rejects(answer(next.bob, asked, {}, next), refusal('approval.not_yours'));
    await next.answer(next.bea, asked[0]!);
    assert.deepEqual(became(await answer(next.bea, asked, {}, next)), ['approval.over', 'approved']);
  });

  test('that comes at once with others is given once to each question', async () => {
    const asked = await ask(4);
    const tries = [
      ...[answer(t.bob, asked), answer(t.bea, asked.slice(1)), answer(t.olga, asked.toReversed(), { answer: 'no' })],
      ...asked.map((one) => t.answer(t.bea, one)),
    ];
    await Promise.allSettled(tries);
    for (const one of asked) assert.equal((await t.stored(one)).answers.length, 1);
  });
});

describe('an answer to several questions counts for none of them', () => {
  test('where anything that was signed is not what is asked', async () => {
    const asked = await ask(3);
    const [first, second, third] = asked.map(({ id, digest }) => ({ approval: id, digest }));
    const other = (await ask(1))[0]!;
    const documents: Partial<Record<keyof AnswersDocument | 'remember' | 'more', unknown>>[] = [
      { approvals: [first, second] },
      { approvals: [first, third, second] },
      { approvals: [first, second, third, { approval: other.id, digest: other.digest }] },
      { approvals: [first, second, { ...third, digest: other.digest }] },
      { approvals: [first, second, { ...second, digest: third!.digest }] },
      { approvals: [first, { ...second, digest: third!.digest }, { ...third, digest: second!.digest }] },
      { task: other.task },
      { action: 'shop:refunds.cancel' },
      { tenant: (await t.nextDoor()).home.tenant },
      { answer: 'no' },
      { reason: 'because' },
      { person: t.bea.person.id },
      { at: t.ground.clock() - 1 },
      { type: 'ambit_approval_answer' },
      { remember: { grant: { type: 'ambit_grant', actions: ['shop:refunds.create'] }, until: 0 } },
      { more: 1 },
    ];
    for (const document of documents) {
      const told = answer(t.bob, asked, { document: document as Partial<AnswersDocument> });
      await assert.rejects(told, refusal('signature.invalid'), JSON.stringify(document));
    }
    await unanswered(asked);
  });

  test('where the list is none, names one twice, one that is not there, or one of another task or action', async () => {
    const asked = await ask(2);
    const [first] = asked;
    const elsewhere = (await ask(1))[0]!;
    const { task, agent } = first!;
    const limits = { ...askLimits, pendingPerAgentMax: 9 };
    const cancel = { task, agent, run: task, action: 'shop:refunds.cancel' };
    const otherwise = await t.ask({ ...cancel, callDigest: 'sha-256:cancel' }, limits);
    const never = refusal('approval.not_together');
    await assert.rejects(answer(t.bob, asked, { sent: { approvals: [] } }), never);
    await assert.rejects(answer(t.bob, [...asked, first!]), never);
    await assert.rejects(answer(t.bob, [...asked, elsewhere]), never);
    await assert.rejects(answer(t.bob, [...asked, otherwise]), never);
    const gone = { ...first!, id: t.ground.newId('approval') };
    await assert.rejects(answer(t.bob, [...asked, gone]), refusal('thing.not_found'));
    const next = await t.nextDoor();
    const theirs = (await ask(1, next, { task, run: task }))[0]!;
    await assert.rejects(answer(t.bob, [...asked, theirs]), refusal('thing.not_found'));
    await unanswered([...asked, elsewhere, otherwise]);
  });

  test('from who may not answer, at another time than now, or when all are over', async () => {
    const asked = await ask(2);
    await assert.rejects(answer(t.alice, asked), refusal('approval.not_yours'));
    const eve = await t.home.join('Ewa', { roles: ['auditor'] });
    await assert.rejects(answer(eve, asked), refusal('approval.not_yours'));
    for (const off of [-60_001, 60_001])
      await assert.rejects(answer(t.bob, asked, { at: t.ground.clock() + off }), refusal('approval.stale_answer'));
    await unanswered(asked);
    await answer(t.bob, asked);
    await assert.rejects(answer(t.bob, asked), refusal('approval.over'));
    await assert.rejects(answer(t.bea, asked), refusal('approval.over'));
  });

  test('by a key that is revoked between being read and being written', async () => {
    const dan = await t.home.join('Dana', { roles: ['approver'] });
    const asked = await ask(2);
    const { database } = t.ground;
    const revoke = async () => {
      const [key] = await listPersonKeys(t.ground, t.home.tenant, dan.person.id);
      return revokePersonKey(t.ground, t.home.admin.caller, key!.id);
    };
    let revoked: Promise<unknown> | undefined;
    const commit: typeof database.commit = async (unit) => {
      revoked ??= revoke();
      await revoked;
      return database.commit(unit);
    };
    const ground = { ...t.ground, database: { ...database, commit } };
    await assert.rejects(answer(dan, asked, { ground }), refusal('signature.invalid'));
    await unanswered(asked);
  });
});

test('no other list than the one that was signed makes a yes of it, whatever the row says', async () => {
  const asked = await ask(4);
  await answer(t.bob, asked);
  const stored = await Promise.all(asked.map((one) => t.stored(one)));
  const outsider = (await ask(1))[0]!;
  const places = asked.length + 1;
  const pool = [...asked, outsider].map(({ id, digest }) => ({ approval: id, digest }));
  const signed = JSON.stringify(pool.slice(0, asked.length));
  const item = fc
    .tuple(fc.nat(places - 1), fc.nat(places - 1))
    .map(([id, digest]) => ({ approval: pool[id]!.approval, digest: pool[digest]!.digest }));
  const lists = fc.oneof(fc.array(item, { maxLength: 5 }), fc.shuffledSubarray(pool));
  await fc.assert(
    fc.asyncProperty(lists, fc.nat(asked.length - 1), async (together, at) => {
      const row = stored[at]!;
      const said = await whoSaidYes(t.ground, t.home.tenant, { ...row, answers: [{ ...row.answers[0]!, together }] });
      assert.equal(said !== null, JSON.stringify(together) === signed);
    }),
  );
});

test('a row that is edited otherwise, too, is no yes: alone, to another question, remembered, or of another task', async () => {
  const asked = await ask(2);
  await answer(t.bob, asked);
  const [one, other] = [await t.stored(asked[0]!), await t.stored(asked[1]!)];
  const [{ together: _, ...alone }] = one.answers as [Approval['answers'][number]];
  const outsider = (await ask(1))[0]!;
  const { task, agent } = one;
  const [unsigned] = await ask(1, t, { task, agent, run: task, callDigest: 'sha-256:unsigned' });
  const bounds = { grant: { type: 'ambit_grant', actions: [one.action] }, until: one.expiresAt } as const;
  const edited: Approval[] = [
    { ...one, answers: [alone] },
    { ...one, answers: [{ ...alone, together: [{ approval: one.id, digest: one.digest }] }] },
    { ...one, answers: [{ ...one.answers[0]!, remember: bounds }] },
    { ...one, task: outsider.task },
    { ...one, action: 'shop:refunds.cancel' },
    { ...one, id: outsider.id },
    { ...one, id: other.id },
    { ...outsider, state: 'approved', answers: one.answers },
    { ...unsigned!, state: 'approved', answers: one.answers },
  ];
  for (const [i, row] of edited.entries())
    assert.equal(await whoSaidYes(t.ground, t.home.tenant, row), null, `edit ${i}`);
  assert.notEqual(await whoSaidYes(t.ground, t.home.tenant, one), null);
});
