import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Authority, decimalOf, type Grant } from '@ambit/protocol';
import fc from 'fast-check';
import { authorities, callsWithin } from '../authority/arbitraries.testing.ts';
import { covers } from '../authority/index.ts';
import { entry, update } from '../foundation/index.ts';
import { disablePerson, retireAgent, setDelegable, suspendAgent } from '../identity/index.ts';
import { openTask } from './open.ts';
import { findTask, purposeTypes } from './store.ts';
import {
  day,
  everything,
  openLimits,
  openTasks,
  payroll,
  plain,
  reads,
  refunds,
  refusal,
  type TestTasks,
} from './testing.ts';

let t: TestTasks;
before(async () => {
  t = await openTasks();
});
after(() => t.close());

const grant = (actions: string[], more: Partial<Grant> = {}): Authority => [{ type: 'ambit_grant', actions, ...more }];

describe('a person who opens a task', () => {
  test('is named in it, with the proof that they gave, and nothing is active before a key accepts', async () => {
    const bot = await t.bot();
    const task = await t.open(bot);
    assert.deepEqual(plain(await findTask(t.ground, t.home.tenant, task.id)), plain(task));
    assert.equal(task.requester, t.alice.person.id);
    assert.deepEqual(task.origin, { by: 'person', proof: 'dpop' });
    assert.deepEqual([task.state, task.acceptedJkt, task.parent, task.depth], ['approved', null, null, 0]);
    assert.equal(task.root, task.id);
    assert.deepEqual(plain(task.authority), refunds);
  });

  test('leaves one entry that says who asked, for whom, for what and with what', async () => {
    const bot = await t.bot();
    const task = await t.open(bot);
    const [written, ...more] = await t.ground.database.log.entries(t.home.tenant, { task: task.id, limit: 10 });
    assert.equal(more.length, 0);
    assert.equal(written!.header.kind, 'task.opened');
    assert.deepEqual([written!.header.who.requester, written!.header.who.agent], [t.alice.person.id, bot.id]);
    assert.equal(written!.header.run, task.id);
    const { detail } = t.ground.database.log.open(written!)!;
    assert.deepEqual(detail.authority, refunds);
    assert.deepEqual(detail.purpose, { type: 'support', text: 'Order 1042 came damaged' });
  });

  test('gives no more than they may delegate themselves', async () => {
    const bot = await t.bot({ ceiling: [...everything, ...payroll] });
    await assert.rejects(t.open(bot, { authority: payroll }), refusal('task.beyond_delegable'));
    const dan = await t.home.join('Dan', { delegable: reads });
    await assert.rejects(t.open(bot, { authority: refunds }, dan), refusal('task.beyond_delegable'));
    const eve = await t.home.join('Eve');
    await assert.rejects(t.open(bot, { authority: reads }, eve), refusal('task.beyond_delegable'));
  });

  test('gives no more than the agent may ever hold', async () => {
    const bot = await t.bot({ ceiling: reads });
    await assert.rejects(t.open(bot, { authority: refunds }), refusal('task.beyond_ceiling'));
    assert.equal((await t.open(bot, { authority: reads })).agent, bot.id);
  });

  test('hears what goes too far and what to do', async () => {
    const bot = await t.bot();
    const wide = grant(['shop:orders.get', 'shop:payroll.list']);
    await assert.rejects(t.open(bot, { authority: wide }), (error: { says: string }) => {
      assert.match(error.says, /shop:payroll\.list: this action is not in what you may delegate\. Ask for less\./);
      return true;
    });
  });

  test('hears early of an action that the catalog does not have, where it is asked', async () => {
    const bot = await t.bot();
    const limits = { ...openLimits, actions: async () => new Map() };
    const asked = { agent: bot.id, purpose: { type: 'support', text: 'x' }, ttlSeconds: 60, authority: reads };
    await assert.rejects(openTask(t.ground, t.alice.caller, asked, limits), (error: { code: string; says: string }) => {
      assert.deepEqual(
        [error.code, error.says],
        ['task.not_in_catalog', 'shop:orders.get: no such action in the catalog.'],
      );
      return true;
    });
  });

  test('is refused once disabled, and held to what was changed meanwhile', async () => {
    const bot = await t.bot();
    const dan = await t.home.join('Dan', { delegable: everything });
    await t.open(bot, {}, dan);
    await setDelegable(t.ground, t.home.admin.caller, { person: dan.person.id, delegable: reads });
    await assert.rejects(t.open(bot, {}, dan), refusal('task.beyond_delegable'));
    await disablePerson(t.ground, t.home.admin.caller, { person: dan.person.id, reason: 'x' });
    await assert.rejects(t.open(bot, { authority: reads }, dan), refusal('caller.not_allowed'));
  });

  test('cannot give a task to an agent that is suspended, retired, expired, unknown or next door', async () => {
    const suspended = await t.bot();
    await suspendAgent(t.ground, t.alice.caller, { agent: suspended.id, reason: 'x' });
    await assert.rejects(t.open(suspended), refusal('task.agent_not_active'));
    const retired = await t.bot();
    await retireAgent(t.ground, t.alice.caller, { agent: retired.id, reason: 'x' });
    await assert.rejects(t.open(retired), refusal('task.agent_not_active'));
    const short = await t.bot({ expiresAt: t.ground.clock() + 1000 });
    t.ground.clock.advance(1000);
    await assert.rejects(t.open(short), refusal('task.agent_not_active'));
    await assert.rejects(t.open({ ...short, id: t.ground.newId('agent') }), refusal('thing.not_found'));
    const theirs = await (await t.nextDoor()).bot();
    await assert.rejects(t.open(theirs), refusal('thing.not_found'));
  });

  test('names a purpose that the organisation keeps', async () => {
    const bot = await t.bot();
    for (const type of ['sales', 'Support', '', '__proto__']) {
      await assert.rejects(t.open(bot, { purpose: { type, text: 'x' } }), refusal('task.purpose_unknown'));
    }
    const retired = update(purposeTypes, { name: 'support' }, { state: 'retired' });
    const next = await t.nextDoor();
    const said = entry({ id: t.ground.newId('entry'), kind: 'test.retired', who: next.home.admin.caller.who });
    await t.ground.database.commit({ tenant: next.home.tenant, changes: [retired], entries: [said] });
    await assert.rejects(next.open(await next.bot()), refusal('task.purpose_unknown'));
    assert.equal((await t.open(bot)).purposeType, 'support', 'the same purpose next door is another one');
  });

  test('writes authority in its one form: a wildcard, a strange member and nothing at all are refused', async () => {
    const bot = await t.bot();
    const bad: unknown[] = [
      undefined,
      null,
      {},
      'shop:orders.get',
      [{ type: 'ambit_grant', actions: ['*'] }],
      [{ type: 'ambit_grant', actions: ['shop:*'] }],
      [{ type: 'ambit_grant', actions: [] }],
      [{ type: 'other', actions: ['shop:orders.get'] }],
      [{ type: 'ambit_grant', actions: ['shop:orders.get'], sudo: true }],
      [{ type: 'ambit_grant', actions: ['shop:orders.get'], where: { 'path.id': { all: [] } } }],
    ];
    for (const authority of bad) {
      await assert.rejects(t.open(bot, { authority }), (error: { name: string }) => {
        assert.match(error.name, /Refusal|ShapeFault/, JSON.stringify(authority));
        return true;
      });
    }
  });

  test('opens for as long as asked, never beyond the longest life or that of the agent', async () => {
    const now = t.ground.clock();
    const bot = await t.bot();
    assert.equal((await t.open(bot, { ttlSeconds: 60 })).expiresAt, now + 60_000);
    assert.equal((await t.open(bot, { ttlSeconds: 31_536_000 })).expiresAt, now + day);
    const short = await t.bot({ expiresAt: now + 5000 });
    assert.equal((await t.open(short)).expiresAt, now + 5000);
  });
});

test('law: whatever is asked, a task that opens covers no call that its person or its agent does not', async () => {
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(
      authorities.chain((authority) =>
        fc.tuple(
          fc.constant(authority),
          fc.oneof(fc.constant(authority), authorities),
          fc.oneof(fc.constant(authority), authorities),
          fc.array(callsWithin(authority), { minLength: 5, maxLength: 5 }),
        ),
      ),
      async ([authority, delegable, ceiling, tried]) => {
        const bot = await t.bot({ ceiling });
        await setDelegable(t.ground, t.home.admin.caller, { person: t.alice.person.id, delegable });
        const task = await t.open(bot, { authority }).catch((error: { code?: string }) => {
          assert.match(String(error.code), /^task\.beyond_/);
        });
        if (task === undefined) return;
        opened++;
        for (const call of tried.filter((one) => covers(task.authority, one).covered)) {
          assert.ok(covers(delegable, call).covered);
          assert.ok(covers(ceiling, call).covered);
        }
      },
    ),
    { numRuns: 40 },
  );
  await setDelegable(t.ground, t.home.admin.caller, { person: t.alice.person.id, delegable: everything });
  assert.ok(opened > 3, `only ${opened} opened`);
});

describe('the most that an agent may have open', () => {
  test('is counted over everyone who opens, and ended or expired tasks make room', async () => {
    const bot = await t.bot({ liveTasksMax: 2 });
    const dan = await t.home.join('Dan', { delegable: everything });
    await t.open(bot, { ttlSeconds: 60 });
    await t.open(bot, {}, dan);
    await assert.rejects(t.open(bot), refusal('task.too_many_live'));
    await assert.rejects(t.open(bot, {}, dan), refusal('task.too_many_live'));
    t.ground.clock.advance(60_000);
    await t.open(bot);
    await assert.rejects(t.open(bot), refusal('task.too_many_live'));
  });

  test('is counted anew only when what was opened since the last count may have used it up', async () => {
    const bot = await t.bot({ liveTasksMax: 4 });
    let counts = 0;
    const { database } = t.ground;
    const count: typeof database.count = (...asked) => {
      counts++;
      return database.count(...asked);
    };
    const ground = { ...t.ground, database: { ...database, count } };
    const asked = { agent: bot.id, purpose: { type: 'support', text: 'x' }, authority: reads };
    const open = (ttlSeconds: number) =>
      openTask(ground, t.alice.caller, { ...asked, ttlSeconds }, openLimits).then(() => counts);
    assert.deepEqual([await open(60), await open(60), await open(3600), await open(3600)], [1, 1, 1, 1]);
    t.ground.clock.advance(60_000);
    assert.deepEqual([await open(3600), await open(3600)], [2, 2]);
    await assert.rejects(open(3600), refusal('task.too_many_live'));
  });

  test('holds over those whose last count is old', async () => {
    const bot = await t.bot({ liveTasksMax: 3 });
    const elsewhere = { ...t.ground, database: { ...t.ground.database, node: 'another' } };
    const asked = { agent: bot.id, purpose: { type: 'support', text: 'x' }, authority: reads, ttlSeconds: 60 };
    const here = () => openTask(t.ground, t.alice.caller, asked, openLimits);
    // What this one reads of the counter lags as far behind as a node may that has not heard of the others yet.
    const stale = { ...elsewhere, database: { ...elsewhere.database, counter: async () => decimalOf('0') } };
    const there = () => openTask(stale, t.alice.caller, asked, openLimits);
    await there();
    await here();
    await here();
    await assert.rejects(there(), refusal('task.too_many_live'));
    await assert.rejects(here(), refusal('task.too_many_live'));
  });

  test('holds when twenty are opened at once', async () => {
    const bot = await t.bot({ liveTasksMax: 3 });
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => t.open(bot)));
    assert.equal(all.filter((one) => one.status === 'fulfilled').length, 3);
    for (const one of all) if (one.status === 'rejected') refusal('task.too_many_live')(one.reason);
  });
});

test('what one tenant opens is nothing to another', async () => {
  const next = await t.nextDoor();
  const task = await t.open(await t.bot());
  assert.equal(await findTask(t.ground, next.home.tenant, task.id), undefined);
  const asOurs = { ...next.alice.caller, tenant: t.home.tenant };
  const asked = {
    agent: (await t.bot()).id,
    purpose: { type: 'support', text: 'x' },
    ttlSeconds: 60,
    authority: reads,
  };
  await assert.rejects(openTask(t.ground, asOurs, asked, openLimits), refusal('caller.not_allowed'));
});
