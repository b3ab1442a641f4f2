import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Authority } from '@ambit/protocol';
import type { Agent } from '../identity/index.ts';
import { disablePerson, revokeStandingGrant, suspendAgent } from '../identity/index.ts';
import { type OpenTask, openOwnTask } from './open.ts';
import { openLimits, openTasks, payroll, plain, reads, refunds, refusal, type TestTasks } from './testing.ts';

let t: TestTasks;
before(async () => {
  t = await openTasks();
});
after(() => t.close());

const alone = (agent: Agent, more: Partial<OpenTask> = {}, caller = t.as(agent)) =>
  openOwnTask(
    t.ground,
    caller,
    { agent: agent.id, purpose: { type: 'support', text: 'Tidies' }, ttlSeconds: 3600, authority: reads, ...more },
    openLimits,
  );

describe('an agent that opens a task unasked', () => {
  test('is itself the requester: no person is named, whatever the caller carries', async () => {
    const bot = await t.bot();
    const { grant } = await t.standing(bot);
    const caller = t.as(bot);
    const task = await alone(bot, {}, { ...caller, who: { ...caller.who, requester: t.alice.person.id } });
    assert.equal(task.requester, null);
    assert.deepEqual(task.origin, { by: 'standing-grant', grant: grant.id });
    assert.equal(task.state, 'approved');
    const [written] = await t.ground.database.log.entries(t.home.tenant, { task: task.id, limit: 1 });
    assert.equal(written!.header.who.requester, null);
  });

  test('cannot without a standing grant, nor for another agent', async () => {
    const bot = await t.bot();
    await assert.rejects(alone(bot), refusal('task.no_standing_grant'));
    const other = await t.bot();
    await t.standing(other);
    await assert.rejects(alone(bot, { agent: other.id }), refusal('task.not_yours'));
    await assert.rejects(alone(bot), refusal('task.no_standing_grant'));
  });

  test('stays within one grant: two that together cover the wish do not', async () => {
    const bot = await t.bot();
    await t.standing(bot);
    await assert.rejects(alone(bot, { authority: refunds }), refusal('task.beyond_standing_grant'));
    await assert.rejects(alone(bot, { authority: payroll }), refusal('task.beyond_ceiling'));
    await t.standing(bot, { authority: refunds });
    const both: Authority = [...reads, ...refunds];
    await assert.rejects(alone(bot, { authority: both }), refusal('task.beyond_standing_grant'));
    assert.deepEqual(plain((await alone(bot, { authority: refunds })).authority), refunds);
  });

  test('lives no longer than the grant gives a task, or the grant itself', async () => {
    const bot = await t.bot();
    const now = t.ground.clock();
    const { grant } = await t.standing(bot, { taskSecondsMax: 600 });
    assert.equal((await alone(bot)).expiresAt, now + 600_000);
    assert.equal((await alone(bot, { ttlSeconds: 30 })).expiresAt, now + 30_000);
    t.ground.clock.advance(grant.expiresAt - now - 1000);
    assert.equal((await alone(bot)).expiresAt, grant.expiresAt);
    t.ground.clock.advance(1000);
    await assert.rejects(alone(bot), refusal('task.no_standing_grant'));
  });

  test('has as many alive as the grant says, also when it asks for ten at once', async () => {
    const bot = await t.bot();
    await t.standing(bot, { liveTasksMax: 2 });
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => alone(bot)));
    assert.equal(all.filter((one) => one.status === 'fulfilled').length, 2);
    for (const one of all) if (one.status === 'rejected') refusal('task.too_many_live')(one.reason);
    await t.open(bot);
    t.ground.clock.advance(600_000);
    await alone(bot);
  });

  test('is held to its own maximum under every grant', async () => {
    const bot = await t.bot({ liveTasksMax: 1 });
    await t.standing(bot, { liveTasksMax: 5 });
    await alone(bot);
    await assert.rejects(alone(bot), refusal('task.too_many_live'));
  });

  test('loses it with the grant, with the key that signed it and with the owner', async () => {
    const revoked = await t.bot();
    const { grant } = await t.standing(revoked);
    await revokeStandingGrant(t.ground, t.alice.caller, grant.id);
    await assert.rejects(alone(revoked), refusal('task.no_standing_grant'));
    const suspended = await t.bot();
    await t.standing(suspended);
    await suspendAgent(t.ground, t.alice.caller, { agent: suspended.id, reason: 'x' });
    await assert.rejects(alone(suspended), refusal('task.agent_not_active'));
    const next = await t.nextDoor();
    const bot = await next.bot();
    await next.standing(bot);
    await disablePerson(t.ground, next.home.admin.caller, { person: next.alice.person.id, reason: 'x' });
    await assert.rejects(alone(bot, {}, next.as(bot)), refusal('task.no_standing_grant'));
  });

  test('finds no grant of another tenant', async () => {
    const next = await t.nextDoor();
    const theirs = await next.bot();
    await next.standing(theirs);
    await assert.rejects(alone(theirs), refusal('thing.not_found'));
  });
});
