import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApprovalState } from '@ambit/protocol';
import fc from 'fast-check';
import type { Approval } from './approval.ts';
import { claim, conclude } from './resume.ts';
import { setApprovalRule } from './set-rule.ts';
import { addResult, findResult } from './store.ts';
import { sweepApprovals } from './sweep.ts';
import { openApprovals, plain, refusal, runSeconds, type TestApprovals } from './testing.ts';

let t: TestApprovals;
before(async () => {
  t = await openApprovals();
});
after(() => t.close());

const approved = async (at = t) => at.answer(at.bob, await at.ask());
const take = ({ id }: Approval, at = t) => claim(t.ground, at.home.tenant, id);
const sweep = (at: TestApprovals, running: (one: Approval) => boolean = () => false, handed: Approval[] = []) =>
  sweepApprovals(t.ground, at.home.tenant, {
    run: (one) => handed.push(one),
    isRunning: running,
    expired: async () => undefined,
    gone: async () => [],
  });

describe('an approved call', () => {
  test('is claimed with what was parked, durably, before anything is sent', async () => {
    const asked = await approved();
    const parked = await take(asked);
    assert.equal(parked.isClaimed, true);
    assert.deepEqual([parked.tenant, parked.sealed, parked.approval.state], [t.home.tenant, 'c2VhbGVk', 'claimed']);
    assert.equal((await t.stored(asked)).state, 'claimed');
    const of = { task: asked.task, kind: 'approval.claimed', limit: 9 };
    const [written] = await t.ground.database.log.entries(t.home.tenant, of);
    assert.equal(written!.header.about, asked.entry);
  });

  test('is claimed once, however many try at once', async () => {
    const asked = await approved();
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => take(asked)));
    assert.equal(all.filter((one) => one.status === 'fulfilled').length, 1);
    for (const one of all) if (one.status === 'rejected') refusal('approval.over')(one.reason);
    const of = { task: asked.task, kind: 'approval.claimed', limit: 9 };
    assert.equal((await t.ground.database.log.entries(t.home.tenant, of)).length, 1);
  });

  test('is not claimed from another tenant, before a yes, or after a no', async () => {
    const asked = await t.ask();
    await assert.rejects(take(asked), refusal('approval.over'));
    const refused = await t.answer(t.bob, await t.ask(), { answer: 'no' });
    await assert.rejects(take(refused), refusal('approval.over'));
    const yes = await approved();
    await assert.rejects(take(yes, await t.nextDoor()), refusal('approval.over'));
    assert.equal((await t.stored(yes)).state, 'approved');
    await assert.rejects(claim(t.ground, t.home.tenant, t.ground.newId('approval')), refusal('approval.over'));
  });

  test('must start in time: a yes that is not used is over, and the call is dropped', async () => {
    const [early, late] = [await approved(), await approved()];
    t.ground.clock.advance(runSeconds * 1000 - 1);
    await take(early);
    t.ground.clock.advance(1);
    await assert.rejects(take(late), refusal('approval.expired'));
    const { state, sealed } = await t.stored(late);
    assert.deepEqual([state, sealed], ['expired', null]);
    await assert.rejects(take(late), refusal('approval.over'));
  });

  test('ends once, with what came back in the same unit', async () => {
    const { approval } = await take(await approved());
    const result = { approval: approval.id, status: 201, contentType: null, sealed: 'x', truncated: 0 };
    const ranAs = t.ground.newId('entry');
    await conclude(t.ground, t.home.tenant, approval, 'done', 'sent', { ranAs }, [addResult(result)]);
    const { state, sealed, ranAs: ran } = await t.stored(approval);
    assert.deepEqual([state, sealed, ran], ['done', null, ranAs]);
    assert.deepEqual(plain(await findResult(t.ground, t.home.tenant, approval.id)), result);
    for (const other of ['unknown', 'denied', 'moved', 'expired'] as const) {
      await assert.rejects(conclude(t.ground, t.home.tenant, approval, other, 'again'), refusal('approval.over'));
    }
    assert.equal((await t.stored(approval)).state, 'done');
  });
});

describe('the sweep', () => {
  test('ends what nobody answered in time, and leaves what is still open', async () => {
    const next = await t.nextDoor();
    const old = await next.ask();
    t.ground.clock.advance(500_000);
    const young = await next.ask();
    t.ground.clock.advance(400_000);
    await sweep(next);
    assert.deepEqual([(await next.stored(old)).state, (await next.stored(young)).state], ['expired', 'parked']);
    assert.equal((await next.stored(old)).sealed, null);
  });

  test('hands over every yes that nobody runs, and no other', async () => {
    const next = await t.nextDoor();
    const [idle, running] = [await approved(next), await approved(next)];
    const handed: Approval[] = [];
    await next.ask();
    await sweep(next, (one) => one.id === running.id, handed);
    assert.deepEqual(
      handed.map(({ id }) => id),
      [idle.id],
    );
    assert.equal((await next.stored(idle)).state, 'approved', 'it is for the claim to take it');
  });

  test('calls unknown what a process that is gone had claimed, and leaves what is running', async () => {
    const next = await t.nextDoor();
    const [lost, running] = [await approved(next), await approved(next)];
    await take(lost, next);
    await take(running, next);
    await sweep(next, (one) => one.id === running.id);
    assert.deepEqual([(await next.stored(lost)).state, (await next.stored(running)).state], ['unknown', 'claimed']);
    await assert.rejects(take(lost, next), refusal('approval.over'));
    const handed: Approval[] = [];
    await sweep(next, () => false, handed);
    assert.deepEqual(handed, [], 'it never runs again');
  });

  test('goes on where somebody else ended a question meanwhile', async () => {
    const next = await t.nextDoor();
    const all = [await approved(next), await approved(next), await approved(next)];
    for (const one of all) await take(one, next);
    await Promise.all([sweep(next), sweep(next)]);
    for (const one of all) assert.equal((await next.stored(one)).state, 'unknown');
  });

  test('tells of a question that nobody answered once, by whoever ended it', async () => {
    const next = await t.nextDoor();
    const asked = await next.ask();
    t.ground.clock.advance(900_000);
    const told: string[] = [];
    const one = () =>
      sweepApprovals(t.ground, next.home.tenant, {
        run: () => assert.fail('nothing was approved'),
        isRunning: () => false,
        expired: async ({ id }) => void told.push(id),
        gone: async () => [],
      });
    await Promise.all([one(), one(), one()]);
    assert.deepEqual(told, [asked.id]);
  });

  test('stays in its tenant', async () => {
    const [one, other] = [await t.nextDoor(), await t.nextDoor()];
    const asked = await one.ask();
    t.ground.clock.advance(900_000);
    await sweep(other);
    assert.equal((await one.stored(asked)).state, 'parked');
  });
});

const finals: readonly ApprovalState[] = ['done', 'unknown', 'refused', 'denied', 'expired', 'moved', 'ended'];
const next: Partial<Record<ApprovalState, readonly ApprovalState[]>> = {
  parked: ['parked', 'approved', 'refused', 'expired'],
  approved: ['approved', 'claimed', 'expired'],
  claimed: ['claimed', 'done', 'unknown', 'denied', 'moved'],
};

test('law: whatever happens in whatever order, a call runs at most once, after its yes, and an end stays an end', async () => {
  const rule = {
    action: '*',
    role: 'approver' as const,
    answersNeeded: 2,
    notRequester: true,
    notOwner: false,
    ttlSeconds: 100,
    keys: null,
  };
  const home = await t.nextDoor();
  await setApprovalRule(t.ground, home.home.admin.caller, rule);
  const { bob, bea, olga } = home;
  const steps = fc.oneof(
    { weight: 4, arbitrary: fc.record({ does: fc.constant('answer' as const), by: fc.nat(2), yes: fc.nat(9) }) },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('claim' as const), times: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('conclude' as const), as: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('sweep' as const), running: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 70 }) }),
    },
  );
  const seen = new Set<ApprovalState>();
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 14 }), async (all) => {
      const asked = await home.ask();
      let [state, runs, yeses]: [ApprovalState, number, number] = ['parked', 0, 0];
      for (const step of all) {
        if (step.does === 'wait') t.ground.clock.advance(step.seconds * 1000);
        if (step.does === 'answer') {
          const by = [bob, bea, olga][step.by]!;
          const answer = step.yes > 0 ? 'yes' : 'no';
          const [done] = await Promise.allSettled([home.answer(by, asked, { answer })]);
          if (done.status === 'fulfilled') yeses += step.yes > 0 ? 1 : 0;
        }
        if (step.does === 'claim') {
          const tries = await Promise.allSettled(Array.from({ length: step.times }, () => take(asked, home)));
          runs += tries.filter((one) => one.status === 'fulfilled').length;
        }
        if (step.does === 'conclude' && state === 'claimed') {
          const as = (['done', 'unknown', 'denied', 'moved'] as const)[step.as]!;
          await conclude(t.ground, home.home.tenant, await home.stored(asked), as, 'ran');
        }
        if (step.does === 'sweep') await sweep(home, () => step.running);
        const now = (await home.stored(asked)).state;
        if (now !== state) {
          assert.ok(!finals.includes(state), `${state} became ${now}`);
          assert.ok(next[state]?.includes(now), `${state} became ${now}`);
        }
        state = now;
        seen.add(state);
        assert.ok(runs <= 1, `it ran ${runs} times`);
        if (runs > 0) assert.ok(yeses === 2, 'it ran without the answers it needs');
      }
    }),
    { numRuns: 150 },
  );
  for (const state of ['approved', 'claimed', 'refused', 'expired'] as const) assert.ok(seen.has(state), state);
});
