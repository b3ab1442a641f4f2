// Alice looks at what acts for her, at an agent before she stops it, and at how a refund could be taken back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EntryId } from '@ambit/protocol';
import { boundsWithin, rememberableOf } from '@ambit/sdk/operator';
import { asked, atWork, joins, settled, type Working } from '../attacks/questions.ts';
import { refund } from '../attacks/witness.ts';
import { type House, openHouse, order } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';

let house: House;
let working: Working;
before(async () => {
  house = await openHouse();
  working = await atWork(house);
  const { agent, token } = working;
  await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal((await refund(agent, token, '30.00')).status, 201);
  await refund(agent, token, '180.00');
  await asked(house, working, '80.00');
});
after(() => house.close());

test('what acts for a person is their live tasks, with what is left of each limit, and nothing of others', async () => {
  const { now, tasks } = await house.alice.operator.acting();
  assert.ok(Math.abs(now - Date.now()) < 60_000);
  const one = tasks.find(({ task }) => task === working.task);
  assert.equal(one?.agentName, 'refund-bot');
  assert.equal(one?.state, 'active');
  assert.equal(one?.questions, 1);
  assert.deepEqual(
    one?.budget.map(({ unit, spent, max, left }) => [unit, spent, max, left]),
    [['USD', '30.00', '250.00', '220.00']],
  );
  assert.deepEqual((await house.bob.operator.acting()).tasks, []);
});

test('a task that is revoked acts for nobody any more', async () => {
  const task = await house.openTask();
  const acts = async () => (await house.alice.operator.acting()).tasks.some((one) => one.task === task);
  assert.equal(await acts(), true);
  await house.alice.operator.tasks.revoke(task, 'Not needed.');
  assert.equal(await acts(), false);
});

test('an agent on one page says what a suspension would end, and the suspension ends just that', async () => {
  const bot = house.lookupBot;
  const { agents } = house.alice.operator;
  await atWork(house, { agent: bot.id }, bot);
  const { hanging } = await agents.overview(bot.id);
  assert.equal(hanging?.tasks, 1);
  // One of the task, and the one by which it was accepted.
  assert.equal(hanging?.tokens, 2);
  await agents.suspend(bot.id, 'To see.');
  assert.deepEqual((await agents.overview(bot.id)).hanging, {
    tasks: 0,
    tokens: 0,
    questions: 0,
    elevations: 0,
    remembered: 0,
    running: 0,
  });
});

test('it says what whoever stole its key could act in: its live tasks, with what is left of each limit', async () => {
  const { agents, tasks } = house.alice.operator;
  const { open, budget } = await agents.overview(house.refundBot.id);
  const one = open?.tasks.find(({ task }) => task === working.task);
  assert.ok(open?.isWhole && one?.state === 'active' && one.elevations.length === 0);
  assert.deepEqual(
    one.budget.map(({ grant, unit, seconds, spent, left }) => [grant, unit, seconds, spent, left]),
    [[3, 'USD', null, '30.00', '220.00']],
  );
  assert.equal(one.authority[3]?.actions[0], 'shop:refunds.create');
  assert.deepEqual(budget, [], 'its ceiling has no limit');
  const other = await house.openTask();
  const listed = async () => (await agents.overview(house.refundBot.id)).open?.tasks.some(({ task }) => task === other);
  assert.equal(await listed(), true);
  await tasks.revoke(other, 'Not needed.');
  assert.equal(await listed(), false);
});

test('a code by which it may still bring a key is listed until it is withdrawn, and never said', async () => {
  const { agents } = house.alice.operator;
  const first = await agents.enrolCode(house.lookupBot.id, { ttlSeconds: 600, keySeconds: 3600 });
  const [listed] = (await agents.overview(house.lookupBot.id)).codes ?? [];
  assert.deepEqual([listed?.expiresAt, listed?.keySeconds], [first.expiresAt, 3600]);
  assert.equal(listed?.issuedBy, house.alice.id);
  await agents.enrolCode(house.lookupBot.id);
  const page = await agents.overview(house.lookupBot.id);
  assert.equal(page.codes?.length, 1);
  assert.ok(page.codes[0]?.id !== listed?.id && !JSON.stringify(page).includes(first.code));
});

test('it says what the agent used of what it may, and what it never did', async () => {
  const page = await house.alice.operator.agents.overview(house.refundBot.id);
  const used = page.used?.actions.find(({ action }) => action === 'shop:refunds.create');
  assert.deepEqual([used?.permit, used?.ask, used?.deny], [1, 1, 1]);
  assert.ok(page.used?.isWhole && page.used.unused.includes('shop:payroll.list'));
  assert.ok(!page.used?.unused.includes('shop:orders.get'));
  assert.deepEqual([page.owner.name, page.state, page.hanging?.questions], ['Alice', 'active', 1]);
  assert.ok(page.keys.length === 1 && page.keys[0]?.holds && page.keys[0].ageMs >= 0);
  assert.ok(page.runs?.some(({ run, state }) => run === working.task && state === 'active'));
  assert.match(page.may[0]?.sentence ?? '', /^May call /);
});

test('who may not read what it did sees what it is, and no more', async () => {
  const dora = await joins(house, 'Dora', []);
  const page = await dora.operator.agents.overview(house.refundBot.id);
  assert.equal(page.name, 'refund-bot');
  assert.deepEqual([page.hanging, page.open, page.used, page.runs, page.codes], [null, null, null, null, null]);
  await assert.rejects(dora.operator.agents.overview('agt_00000000000000000000' as never), { code: 'thing.not_found' });
});

test('yeses that are remembered for a task are counted with it and with its agent, until they end', async () => {
  const waiting = await asked(house, await atWork(house), '70.00');
  const rememberable = rememberableOf(waiting.question);
  assert.ok('widest' in rememberable);
  const { approvals } = house.bob.operator;
  await approvals.answer(waiting.question, 'yes', null, boundsWithin(rememberable.widest, { calls: 2 }));
  await settled(house, waiting);
  const counts = async () => {
    const acting = (await house.alice.operator.acting()).tasks.find(({ task }) => task === waiting.task);
    const { hanging } = await house.alice.operator.agents.overview(house.refundBot.id);
    return [acting?.remembered, hanging?.remembered];
  };
  assert.deepEqual(await counts(), [1, 1]);
  const [row] = (await approvals.remembered()).remembered;
  await approvals.endRemembered(row?.id ?? assert.fail('nothing is remembered'), 'Enough.');
  assert.deepEqual(await counts(), [0, 0]);
  await house.alice.operator.tasks.revoke(waiting.task, 'Not needed.');
});

const decided = async (decision: 'permit' | 'ask' | 'deny', action: string): Promise<EntryId> => {
  const { entries } = await house.carol.operator.log.search({ decision, action, task: working.task });
  return entries.at(-1)?.header.id ?? assert.fail('no such entry');
};

test('a refund names the task that takes it back, which is opened and decided like any other', async () => {
  const entry = await decided('permit', 'shop:refunds.create');
  const undo = await house.alice.operator.log.undo(entry);
  assert.equal(undo.action, 'shop:refunds.cancel');
  assert.deepEqual(undo.missing, []);
  const made = String(undo.arguments['path.refundId']);
  assert.ok(house.shop.ledger().length > 0 && made !== 'undefined');
  const { id } = await house.alice.operator.tasks.open(undo.task);
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(id);
  const other = await agent.call(token, 'POST', '/api/shop/refunds/rfd_999999/cancel');
  assert.ok(other.status >= 400);
  const shown = await house.alice.operator.tasks.show(id);
  assert.deepEqual(shown.task.authority[0]?.where?.['path.refundId'], { all: [{ equals: made }] });
  assert.ok(shown.task.expiresAt - shown.task.openedAt <= 3_600_000);
});

test('what was denied, only read, or nothing takes back, names no undo', async () => {
  const { log } = house.alice.operator;
  await assert.rejects(log.undo(await decided('deny', 'shop:refunds.create')), { code: 'undo.none' });
  await assert.rejects(log.undo(await decided('permit', 'shop:orders.get')), { code: 'undo.none' });
  await assert.rejects(log.undo(await decided('ask', 'shop:refunds.create')), { code: 'undo.none' });
  const stranger = await joins(house, 'Eve', []);
  await assert.rejects(stranger.operator.log.undo(await decided('permit', 'shop:refunds.create')), {
    code: 'thing.not_found',
  });
});
