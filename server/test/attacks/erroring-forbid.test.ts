// A forbid that errors is skipped by Cedar: so the argument that it looks at is left out, or comes as something else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AmbitRefusal } from '@ambit/sdk/operator';
import { type House, openHouse, order, registerBot, wholeShop } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { callsOf, refundsPath, refused } from './witness.ts';

let house: House;
let base: string;
before(async () => {
  house = await openHouse();
  const [newest] = await house.ada.operator.policies.list();
  base = (await house.ada.operator.policies.show(newest?.number ?? 0)).text;
});
after(() => house.close());

const publish = (...rules: readonly string[]) => house.ada.operator.policies.publish([base, ...rules].join('\n'));

async function fresh() {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id, authority: wholeShop });
  return { agent, task, token: await agent.accept(task), seen: house.shop.requests().length };
}

/** From two on the product is too large for a Long, which Cedar calls an error (its arithmetic never wraps). */
const overflowing = (head: string, id: string) => `@id("${id}")
@reason("No more than one order at a time.")
${head} (principal, action == Action::"shop:orders.list", resource)
when { context.arguments.query has limit && context.arguments.query.limit * 9223372036854775807 < 0 };`;

const heads = {
  'a forbid': overflowing('forbid', 'no-lists'),
  'a forbid that asks': overflowing('@ask("May it?")\nforbid', 'ask-lists'),
  'a permit beside another': overflowing('permit', 'more-lists'),
};

for (const engine of ['compiled', 'official']) {
  for (const [what, rule] of Object.entries(heads)) {
    test(`${what} that errors denies (${engine} rules)`, async () => {
      if (house.config.policyEngine !== engine && what === 'a forbid')
        await house.restart({ AMBIT_POLICY_ENGINE: engine });
      await publish(rule);
      const { agent, task, token, seen } = await fresh();
      assert.equal((await agent.call(token, 'GET', '/api/shop/orders?limit=1')).status, 200);
      assert.equal((await agent.call(token, 'GET', '/api/shop/orders')).status, 200);
      const told = await refused(await agent.call(token, 'GET', '/api/shop/orders?limit=2'), 'policy.denied');
      assert.match(told.detail, /ask the person who asked for the task/);
      assert.doesNotMatch(told.detail, /lists|overflow/);
      assert.equal(house.shop.requests().length, seen + 2);
      const last = (await callsOf(house, task, 'shop:orders.list')).at(-1);
      assert.equal(last?.decided, 'deny');
      assert.match(last?.why.join(' ') ?? '', /-lists/, 'the log does not say which rule errored');
    });
  }
}

test('a rule that may error on a missing argument cannot be published', async () => {
  const unguarded = {
    'body.reason': ['shop:refunds.create', 'context.arguments.body.reason == "x"'],
    'query.limit': ['shop:orders.list', 'context.arguments.query.limit > 5'],
    'query.status': ['shop:orders.list', 'context.arguments.query.status == "open"'],
    'another type': ['shop:orders.list', 'context.arguments.query has limit && context.arguments.query.limit == "5"'],
    'what is not there': ['shop:orders.list', 'context.arguments.body.amount == "5"'],
    amount: ['shop:orders.get', 'context.amount.value.greaterThan(decimal("5.0"))'],
  };
  for (const [what, [action, condition]] of Object.entries(unguarded)) {
    const rule = `@id("careless") @reason("-") forbid (principal, action == Action::"${action}", resource) when { ${condition} };`;
    await assert.rejects(publish(rule), (error) => {
      assert.ok(error instanceof AmbitRefusal, String(error));
      assert.equal(error.code, 'policy.invalid', what);
      assert.match(error.says, /careless|line/, `${what}: ${error.says}`);
      return true;
    });
  }
});

test('whichever argument is left out or retyped, nothing forbidden gets through', async () => {
  await publish(
    '@id("not-13") @reason("Unlucky.") forbid (principal, action == Action::"shop:refunds.create", resource)',
    'when { context.arguments.body.amount == "13.00" || context.arguments.body.currency != "USD" };',
    '@id("no-secrets") @reason("Words.") forbid (principal, action == Action::"shop:refunds.create", resource)',
    'when { context.arguments.body has reason && context.arguments.body.reason like "*secret*" };',
    '@id("only-1042") @reason("Orders.") forbid (principal, action == Action::"shop:refunds.create", resource)',
    `when { context.arguments.path.orderId != "${order}" };`,
  );
  const forbidden = { amount: '13.00', currency: 'USD', reason: 'a secret' };
  const odd = (value: string): readonly unknown[] => [undefined, null, '', 13, true, [value], { value }, [[value]]];
  const variants = Object.entries(forbidden).flatMap(([name, value]) =>
    odd(value).map((each) => ({ ...forbidden, [name]: each })),
  );
  for (const some of Array.from({ length: 3 }, (_, i) => variants.slice(i * 8, i * 8 + 8))) {
    const { agent, task, token, seen } = await fresh();
    for (const body of [forbidden, ...some]) {
      const response = await agent.call(token, 'POST', refundsPath, { body });
      const text = await response.text();
      assert.ok([400, 403].includes(response.status), `${JSON.stringify(body)}: ${response.status} ${text}`);
    }
    assert.equal(house.shop.requests().length, seen);
    assert.ok((await callsOf(house, task)).every((step) => step.decided === 'deny'));
  }
  const { agent, token } = await fresh();
  const fine = { amount: '12.00', currency: 'USD' };
  assert.equal((await agent.call(token, 'POST', refundsPath, { body: fine })).status, 201);
  const elsewhere = await agent.call(token, 'POST', refundsPath.replace(order, '1043'), { body: fine });
  await refused(elsewhere, 'policy.denied');
});
