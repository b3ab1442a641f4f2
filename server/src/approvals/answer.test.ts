import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { disablePerson, listPersonKeys, revokePersonKey, setRoles } from '../identity/index.ts';
import { type Member, signDocument, testKey } from '../identity/testing.ts';
import { answerApproval } from './answer.ts';
import type { Approval } from './approval.ts';
import { ruleByDefault } from './rule.ts';
import { setApprovalRule } from './set-rule.ts';
import { openApprovals, plain, refusal, runSeconds, type TestApprovals } from './testing.ts';
import { documentOf } from './yes.ts';

let t: TestApprovals;
before(async () => {
  t = await openApprovals();
});
after(() => t.close());

/** A tenant whose questions need that many answers. */
async function needing(answersNeeded: number, more: { notRequester?: boolean; notOwner?: boolean } = {}) {
  const next = await t.nextDoor();
  const rule = { ...ruleByDefault(900), answersNeeded, ...more };
  await setApprovalRule(t.ground, next.home.admin.caller, rule);
  return next;
}

async function unanswered(approval: Approval, at = t): Promise<void> {
  assert.deepEqual(plain(await at.stored(approval)), plain(approval));
}

describe('an answer', () => {
  test('of yes approves the call, which must then start within a minute', async () => {
    const asked = await t.ask();
    const answered = await t.answer(t.bob, asked);
    assert.deepEqual(plain(await t.stored(asked)), plain(answered));
    assert.deepEqual([answered.state, answered.runBefore], ['approved', t.ground.clock() + runSeconds * 1000]);
    assert.deepEqual(
      answered.answers.map((one) => [one.person, one.answer]),
      [[t.bob.person.id, 'yes']],
    );
    assert.equal(answered.sealed, asked.sealed, 'the call is still there to run');
  });

  test('of no ends the question, keeps the reason and drops the call', async () => {
    const asked = await t.ask();
    const answered = await t.answer(t.bob, asked, { answer: 'no', reason: 'Not this customer again' });
    assert.deepEqual([answered.state, answered.sealed, answered.runBefore], ['refused', null, null]);
    assert.equal(answered.answers[0]?.reason, 'Not this customer again');
    await assert.rejects(t.answer(t.bea, asked), refusal('approval.over'));
  });

  test('is an entry with the whole signed document, under the question and the run', async () => {
    const asked = await t.ask();
    await t.answer(t.bob, asked);
    const [written] = await t.ground.database.log.entries(t.home.tenant, {
      task: asked.task,
      kind: 'approval.answered',
      limit: 9,
    });
    const { about, code, who } = written!.header;
    assert.deepEqual([about, code, who.initiator], [asked.entry, 'yes', t.bob.person.id]);
    const { document } = t.ground.database.log.open(written!)!.detail as {
      document: { digest: string; person: string };
    };
    assert.deepEqual([document.digest, document.person], [asked.digest, t.bob.person.id]);
  });
});

describe('an answer counts for nothing', () => {
  test('where anything that was signed is not what is asked', async () => {
    const [asked, other] = [await t.ask(), await t.ask()];
    const theirs = await t.nextDoor();
    const documents: object[] = [
      { digest: other.digest },
      { approval: other.id },
      { answer: 'no' },
      { reason: 'because' },
      { person: t.bea.person.id },
      { at: t.ground.clock() - 1 },
      { tenant: theirs.home.tenant },
      { type: 'ambit_standing_grant' },
      { more: 1 },
    ];
    for (const document of documents) {
      await assert.rejects(
        t.answer(t.bob, asked, { document }),
        refusal('signature.invalid'),
        JSON.stringify(document),
      );
    }
    await unanswered(asked);
    await assert.rejects(
      t.answer(t.bob, asked, { answer: 'yes', document: { answer: 'no' } }),
      refusal('signature.invalid'),
    );
    await unanswered(other);
  });

  test('signed with a key that is another person’s, nobody’s, revoked, or named wrongly', async () => {
    const asked = await t.ask();
    await assert.rejects(t.answer(t.bob, asked, { key: t.bea.key }), refusal('signature.invalid'));
    const named = { ...t.bea.key, thumbprint: t.bob.key.thumbprint };
    await assert.rejects(t.answer(t.bob, asked, { key: named }), refusal('signature.invalid'));
    await assert.rejects(t.answer(t.bob, asked, { key: testKey('ES256') }), refusal('signature.invalid'));
    await assert.rejects(
      t.answer(t.bob, asked, { sent: { signature: { kid: t.bob.key.thumbprint, alg: 'EdDSA', value: '' } } }),
      refusal('signature.invalid'),
    );
    const dan = await t.home.join('Dan', { roles: ['approver'] });
    const [key] = await listPersonKeys(t.ground, t.home.tenant, dan.person.id);
    await revokePersonKey(t.ground, t.home.admin.caller, key!.id);
    await assert.rejects(t.answer(dan, asked), refusal('signature.invalid'));
    await unanswered(asked);
  });

  test('signed at another time than now', async () => {
    const asked = await t.ask();
    const now = t.ground.clock();
    for (const at of [now - 60_001, now + 60_001, 0]) {
      await assert.rejects(t.answer(t.bob, asked, { at }), refusal('approval.stale_answer'));
    }
    await unanswered(asked);
    assert.equal((await t.answer(t.bob, asked, { at: now - 60_000 })).state, 'approved');
  });

  test('from a person without the role, or who asked, or whose account is disabled', async () => {
    const asked = await t.ask();
    const eve = await t.home.join('Eve', {
      roles: ['auditor', 'administrator', 'owner', 'policy', 'catalog', 'reviewer'],
    });
    await assert.rejects(t.answer(eve, asked), refusal('approval.not_yours'));
    await assert.rejects(t.answer(t.alice, asked), refusal('approval.not_yours'));
    const dan = await t.home.join('Dan', { roles: ['approver'] });
    await disablePerson(t.ground, t.home.admin.caller, { person: dan.person.id, reason: 'left' });
    await assert.rejects(t.answer(dan, asked), refusal('approval.not_yours'));
    await unanswered(asked);
  });

  test('from a person who had the role when they signed in, and has it no more', async () => {
    const asked = await t.ask();
    const dan = await t.home.join('Dan', { roles: ['approver'] });
    await setRoles(t.ground, t.home.admin.caller, { person: dan.person.id, roles: [] });
    await assert.rejects(t.answer(dan, asked), refusal('approval.not_yours'));
    await assert.rejects(t.answer(dan, asked, { caller: { roles: ['approver'] } }), refusal('approval.not_yours'));
    await unanswered(asked);
  });

  test('from a person who loses the role, or the key, between being read and being written', async () => {
    const takeRole = (by: Member) =>
      setRoles(t.ground, t.home.admin.caller, { person: by.person.id, roles: ['auditor'] });
    const takeKey = async (by: Member) => {
      const [key] = await listPersonKeys(t.ground, t.home.tenant, by.person.id);
      return revokePersonKey(t.ground, t.home.admin.caller, key!.id);
    };
    for (const [take, code] of [
      [takeRole, 'approval.not_yours'],
      [takeKey, 'signature.invalid'],
    ] as const) {
      const [asked, dan] = [await t.ask(), await t.home.join('Dan', { roles: ['approver'] })];
      const { database } = t.ground;
      let taken: Promise<unknown> | undefined;
      const commit: typeof database.commit = async (unit) => {
        taken ??= take(dan);
        await taken;
        return database.commit(unit);
      };
      const at = t.ground.clock();
      const given = { answer: 'yes', reason: null, person: dan.person.id, at } as const;
      const signature = signDocument(dan.key, documentOf(t.home.tenant, asked, given));
      const ground = { ...t.ground, database: { ...database, commit } };
      await assert.rejects(
        answerApproval(ground, dan.caller, asked.id, { ...given, signature }, runSeconds),
        refusal(code),
      );
      await unanswered(asked);
    }
  });

  test('from the owner of the agent, where the rule says so; the requester may, where the rule lets them', async () => {
    const strict = await needing(1, { notOwner: true });
    const asked = await strict.ask();
    await assert.rejects(strict.answer(strict.olga, asked), refusal('approval.not_yours'));
    await unanswered(asked, strict);
    assert.equal((await t.answer(t.olga, await t.ask())).state, 'approved');
    const loose = await needing(1, { notRequester: false });
    assert.equal((await loose.answer(loose.alice, await loose.ask())).state, 'approved');
  });

  test('to a question of another tenant: there is none', async () => {
    const asked = await t.ask();
    const next = await t.nextDoor();
    await assert.rejects(next.answer(next.bob, asked), refusal('thing.not_found'));
    await assert.rejects(
      t.answer(next.bob, asked, { caller: { tenant: t.home.tenant } }),
      refusal('approval.not_yours'),
    );
    await unanswered(asked);
  });

  test('after its time, to the millisecond, and when it is over', async () => {
    const [first, second] = [await t.ask(), await t.ask()];
    t.ground.clock.advance(899_999);
    await t.answer(t.bob, first);
    t.ground.clock.advance(1);
    await assert.rejects(t.answer(t.bob, second), refusal('approval.over'));
    await assert.rejects(t.answer(t.bea, first), refusal('approval.over'));
  });
});

describe('where several answers are needed', () => {
  test('they come from different persons, and the last of them approves', async () => {
    const next = await needing(2);
    const asked = await next.ask();
    const first = await next.answer(next.bob, asked);
    assert.deepEqual([first.state, first.runBefore], ['parked', null]);
    await assert.rejects(next.answer(next.bob, asked), refusal('approval.not_yours'));
    await assert.rejects(next.answer(next.bob, asked, { answer: 'no' }), refusal('approval.not_yours'));
    const second = await next.answer(next.bea, asked);
    assert.equal(second.state, 'approved');
    assert.deepEqual(
      second.answers.map((one) => one.person),
      [next.bob.person.id, next.bea.person.id],
    );
  });

  test('one no is enough', async () => {
    const next = await needing(3);
    const asked = await next.ask();
    await next.answer(next.bob, asked);
    assert.equal((await next.answer(next.bea, asked, { answer: 'no' })).state, 'refused');
    await assert.rejects(next.answer(next.olga, asked), refusal('approval.over'));
  });

  test('those that come at once all count, each person once', async () => {
    const next = await needing(3);
    const asked = await next.ask();
    const tries = [next.bob, next.bea, next.olga, next.bob, next.bea, next.olga].map((by) => next.answer(by, asked));
    const all = await Promise.allSettled(tries);
    assert.equal(all.filter((one) => one.status === 'fulfilled').length, 3);
    const stored = await next.stored(asked);
    assert.equal(stored.state, 'approved');
    assert.equal(new Set(stored.answers.map((one) => one.person)).size, 3);
    for (const one of all) if (one.status === 'rejected') assert.match(one.reason.code, /^approval\.(not_yours|over)$/);
  });

  test('a yes and a no at once end as one of them, never as both', async () => {
    for (let i = 0; i < 5; i++) {
      const asked = await t.ask();
      const both = [t.answer(t.bob, asked), t.answer(t.bea, asked, { answer: 'no' })];
      const all = await Promise.allSettled(both);
      assert.equal(all.filter((one) => one.status === 'fulfilled').length, 1);
      assert.equal((await t.stored(asked)).answers.length, 1);
    }
  });
});

test('nobody answers a question that is not there', async () => {
  const given = { answer: 'yes', reason: null, at: 0, signature: { kid: 'x', alg: 'EdDSA', value: 'x' } } as const;
  const id = t.ground.newId('approval');
  await assert.rejects(answerApproval(t.ground, t.bob.caller, id, given, 60), refusal('thing.not_found'));
});
