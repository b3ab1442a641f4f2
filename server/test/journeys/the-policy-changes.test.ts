// The organisation writes rules of its own: they are checked in plain words, count from the next call on, and never widen a task.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asked, atWork, poll } from '../attacks/questions.ts';
import { callsOf, refund, refused } from '../attacks/witness.ts';
import { type House, openHouse, order } from '../house.ts';

let house: House;
let safe: string;
before(async () => {
  house = await openHouse();
  safe = (await house.ada.operator.policies.show(1)).text;
});
after(() => house.close());

const publish = (...rules: readonly string[]) =>
  house.ada.operator.policies.publish([safe, ...rules].join('\n'), 'For this story.');

const above = (id: string, amount: string, marks = '') => `
@id("${id}")
@reason("Refunds above ${amount} are not for agents.")
${marks}
forbid (principal is Agent, action == Action::"shop:refunds.create", resource)
when { context has amount && context.amount.value.greaterThan(decimal("${amount}")) };
`;
const asks = '@ask("May it be refunded all the same?")';
const failing = `
@id("counts-too-far")
@reason("It counts.")
forbid (principal is Agent, action == Action::"shop:refunds.create", resource)
when { context has task && context.task.depth + 9223372036854775807 + 1 > 0 };
`;

test('a new rule counts from the next call on, also for tasks that were opened before', async () => {
  const working = await atWork(house);
  assert.equal((await refund(working.agent, working.token, '15.00')).status, 201);
  await publish(above('small-only', '10.0'));
  await refused(await refund(working.agent, working.token, '15.00'), 'policy.denied');
  assert.equal((await refund(working.agent, working.token, '5.00')).status, 201);
  await publish();
  assert.equal((await refund(working.agent, working.token, '15.00')).status, 201);
});

test('the agent is not told the rule; who reads the run is, with the version that decided', async () => {
  const { number } = await publish(above('small-only', '10.0'));
  const working = await atWork(house);
  const told = await refused(await refund(working.agent, working.token, '15.00'), 'policy.denied');
  assert.doesNotMatch(JSON.stringify(told), /small-only|10\.0/);
  const [step] = await callsOf(house, working.task);
  assert.match(JSON.stringify(step?.why), /Refunds above 10\.0 are not for agents/);
  const published = await house.carol.operator.policies.show(number);
  assert.equal(published.publishedBy, house.ada.id);
});

test('@ask turns a rule into a question, which Bob answers', async () => {
  await publish(above('ask-above', '10.0', asks));
  const working = await atWork(house);
  const waiting = await asked(house, working, '15.00');
  assert.match(JSON.stringify(waiting.question.asks), /May it be refunded all the same/);
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  assert.equal((await poll(waiting)).status, 201);
});

test('deny beats ask: no person is bothered with what is forbidden anyway', async () => {
  await publish(above('ask-above', '10.0', asks), above('small-only', '12.0'));
  const working = await atWork(house);
  await refused(await refund(working.agent, working.token, '15.00'), 'policy.denied');
  await asked(house, working, '11.00');
});

test('a yes does not outlive a rule that forbids the call meanwhile', async () => {
  await publish(above('ask-above', '10.0', asks));
  const refunds = house.shop.ledger().length;
  const waiting = await asked(house, await atWork(house), '15.00');
  await publish(above('small-only', '12.0'));
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  await refused(await poll(waiting), 'approval.denied');
  assert.equal(house.shop.ledger().length, refunds);
});

test('a rule that fails while it is evaluated denies, and the log says that it failed', async () => {
  await publish(failing);
  const working = await atWork(house);
  await refused(await refund(working.agent, working.token, '5.00'), 'policy.denied');
  const [step] = await callsOf(house, working.task);
  assert.match(JSON.stringify(step?.why), /counts-too-far|overflow/);
});

test('no rule widens a task: permitting everything permits nothing more', async () => {
  await house.ada.operator.policies.publish('@id("all") permit (principal, action, resource);');
  const working = await atWork(house);
  await refused(await working.agent.call(working.token, 'GET', '/api/shop/orders/1043'), 'authority.not_covered');
  await publish();
});

test('without any permitting rule nothing goes, and the text that says so can be published', async () => {
  await house.ada.operator.policies.publish('// Nothing is permitted.');
  const working = await atWork(house);
  await refused(await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`), 'policy.denied');
  await publish();
});

const mistakes: readonly (readonly [string, string, RegExp])[] = [
  ['grammar', 'permit(principal, action', /line \d+: /],
  [
    'a name that does not exist',
    '@id("z") forbid(principal is Agent, action, resource) when { principal.zoen == "a" };',
    /did you mean `zone`/,
  ],
  [
    'an action that does not exist',
    '@id("z") forbid(principal, action == Action::"shop:teleport", resource);',
    /unrecognized action/,
  ],
  ['no name', 'permit(principal, action, resource);', /@id/],
  ['a name that is taken', '@id("task-covers") permit(principal, action, resource);', /task-covers/],
  [
    'a question on a permit',
    '@id("z") @ask("Really?") permit(principal, action, resource);',
    /@ask belongs on a forbid/,
  ],
];
for (const [what, rule, says] of mistakes) {
  test(`${what}: said in plain words with its line, and the rules of before stay in force`, async () => {
    const before = (await house.ada.operator.policies.list())[0]?.number;
    for (const ask of [() => publish(rule), () => house.ada.operator.policies.check(`${safe}\n${rule}`)]) {
      await assert.rejects(ask, (error: { code: string; says: string }) => {
        assert.equal(error.code, 'policy.invalid');
        assert.match(error.says, says);
        assert.match(error.says, /line \d+/);
        return true;
      });
    }
    assert.equal((await house.ada.operator.policies.list())[0]?.number, before);
    const working = await atWork(house);
    assert.equal((await refund(working.agent, working.token, '5.00')).status, 201);
  });
}

test('who may not write rules writes none', async () => {
  for (const { operator } of [house.alice, house.bob, house.carol]) {
    await assert.rejects(operator.policies.publish(safe), { code: 'caller.not_allowed' });
  }
});

test('the official evaluator, switched on by a setting, decides every call of the story as the compiled one does', async () => {
  await publish(above('ask-above', '20.0', asks), above('never', '90.0'));
  const compiled = await decisions();
  await house.restart({ AMBIT_POLICY_ENGINE: 'official' });
  assert.deepEqual(await decisions(), compiled);
  assert.deepEqual([...new Set(compiled.map(([kind]) => kind))].toSorted(), ['ask', 'deny', 'permit']);
});

test('under the official evaluator a rule that fails denies as well', async () => {
  await publish(failing);
  const working = await atWork(house);
  await refused(await refund(working.agent, working.token, '5.00'), 'policy.denied');
  await publish();
});

/** Decision, code and reasons of one call after another, as the log has them. */
async function decisions(): Promise<(readonly [string | null, string | null, string])[]> {
  const { agent, token, task } = await atWork(house);
  for (const amount of ['5.00', '25.00', '95.00', '180.00']) await (await refund(agent, token, amount)).text();
  for (const path of [`orders/${order}`, 'orders/1043', 'payroll', 'customers/cus_0217']) {
    await (await agent.call(token, 'GET', `/api/shop/${path}`)).text();
  }
  const { tasks } = await house.carol.operator.runs.show(task);
  const steps = tasks.flatMap((one) => one.steps).filter((step) => step.decided !== null);
  assert.ok(steps.length >= 8);
  const withoutIds = (text: string) => text.replaceAll(/\b(?:tsk|agt|per|ent)_[0-9a-z]+/g, 'id');
  return steps.map((step) => [step.decided, step.code, withoutIds(JSON.stringify(step.why))] as const);
}
