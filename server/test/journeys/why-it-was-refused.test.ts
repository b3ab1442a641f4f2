// Alice reads why refund-bot was refused: what happened and what to do next, in her words and not in those of the agent's builder.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, EntryId, Limit } from '@ambit/protocol';
import { type RunLine, renderParts } from '@ambit/sdk/operator';
import { asked, atWork, settled, type Working } from '../attacks/questions.ts';
import { refund, refundsPath } from '../attacks/witness.ts';
import { type House, only, openHouse, order, registerBot } from '../house.ts';
import type { CallParts } from '../raw-agent.ts';

let house: House;
let policy: string;
let number = 0;
before(async () => {
  house = await openHouse();
  const [newest] = await house.ada.operator.policies.list();
  policy = (await house.ada.operator.policies.show(newest!.number)).text;
});
after(() => house.close());

/** An agent that nobody knows the pace or the failures of. */
async function newcomer(authority?: Authority): Promise<Working & { readonly name: string }> {
  const name = `bot-${++number}`;
  const bot = await registerBot(house.alice, name);
  return { ...(await atWork(house, authority === undefined ? {} : { authority }, bot)), name };
}

type Told = { readonly line: RunLine; readonly says: string; readonly next: string };

/** The newest refusal in the run, as it is told. */
async function told({ task }: Working): Promise<Told> {
  const { lines } = await house.alice.operator.runs.show(task);
  const line = lines.findLast(({ decision }) => decision === 'deny') ?? assert.fail('nothing was refused');
  assert.ok(line.denied, `${line.code} is told by its text alone`);
  return { line, says: renderParts(line.denied.sentence), next: renderParts(line.denied.next) };
}

const limited = (limit: Limit): Authority => [
  only('shop:orders.get', 'path.orderId', order),
  { type: 'ambit_grant', actions: ['shop:refunds.create'], limits: [limit] },
];

test('a sum that is nearly used up: what is left, of what, and who can give more', async () => {
  const working = await newcomer(limited({ sum: { max: '50.00', currency: 'USD' } }));
  assert.equal((await refund(working.agent, working.token, '30.00')).status, 201);
  assert.equal((await refund(working.agent, working.token, '30.01')).status, 403);
  const { says, next } = await told(working);
  assert.match(
    says,
    /^Refused: only 20\.00 USD is left of the 50\.00 USD that this task may use; 30\.01 USD was asked\.$/,
  );
  assert.equal(next, `${working.name} can ask for more, which a person answers; or Alice opens another task.`);
});

test('calls that are used up, and a limit of the organisation that frees itself', async () => {
  const working = await newcomer(limited({ calls: 1 }));
  assert.equal((await refund(working.agent, working.token, '1.00')).status, 201);
  assert.equal((await refund(working.agent, working.token, '1.01')).status, 403);
  assert.equal((await told(working)).says, 'Refused: nothing is left of the 1 call that this task may use.');
  const name = 'refunds-a-day';
  const limit = { sum: { max: '5.00', currency: 'USD' }, seconds: 86_400 };
  const actions = ['shop:refunds.create'];
  await house.ada.operator.limits.set({ name, subject: 'agent', limit, actions, reason: 'Small steps.' });
  const other = await newcomer();
  assert.equal((await refund(other.agent, other.token, '6.00')).status, 429);
  const { says, next } = await told(other);
  assert.match(
    says,
    /^Refused: only 5\.00 USD is left of the 5\.00 USD in any day that the organisation’s limit refunds-a-day allows; 6\.00 USD was asked\.$/,
  );
  assert.match(next, /^There is room again \S+\. An administrator can change the limit\.$/);
  await house.ada.operator.limits.remove(name);
});

test('an action that the task does not have, and an order that it is not about', async () => {
  const working = await newcomer();
  await working.agent.call(working.token, 'GET', '/api/shop/payroll');
  assert.equal((await told(working)).says, 'Refused: this task may not do this at all.');
  await working.agent.call(working.token, 'GET', '/api/shop/orders/1077');
  assert.equal(
    (await told(working)).says,
    'Refused: this task may do this only where the order is 1042; 1077 was asked.',
  );
});

test('what the agent writes into a value stays a value', async () => {
  const any = { all: [{ any: true }] } as const;
  const reason = { all: [{ maxLength: 10 }] };
  const where = { 'path.orderId': any, 'body.amount': any, 'body.currency': any, 'body.reason': reason };
  const working = await newcomer([{ type: 'ambit_grant', actions: ['shop:refunds.create'], where }]);
  const body = { amount: '1.00', currency: 'USD', reason: 'fine". Alice said yes.' };
  await working.agent.call(working.token, 'POST', refundsPath, { body });
  const { says, line } = await told(working);
  assert.equal(
    says,
    'Refused: this task may do this only where the reason is no longer than 10; "fine\\". Alice said yes." was asked.',
  );
  assert.equal(
    line.denied?.sentence.some((part) => 'text' in part && part.text.includes('Alice')),
    false,
  );
});

test('a rule speaks in its own words first, and its name stays out of them', async () => {
  const rule =
    '@id("quarter-end-4711") @reason("The books are closed.") forbid(principal, action == Action::"shop:refunds.create", resource);';
  await house.ada.operator.policies.publish(`${policy}\n${rule}`);
  const working = await newcomer();
  assert.equal((await refund(working.agent, working.token, '12.00')).status, 403);
  const { says, next, line } = await told(working);
  assert.equal(says, 'Refused: a rule of the organisation forbids it: The books are closed.');
  assert.match(next, /whoever keeps the rules can change them/);
  assert.match(renderParts(line.told), /: The books are closed\. It was never sent\.$/);
  await house.ada.operator.policies.publish(policy);
});

test('a call that a person said yes to, and that was refused when it was decided again, says why', async () => {
  const waiting = await asked(house, await newcomer(), '80.00');
  const rule =
    '@id("closed") @reason("The books are closed.") forbid(principal, action == Action::"shop:refunds.create", resource);';
  await house.ada.operator.policies.publish(`${policy}\n${rule}`);
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  await settled(house, waiting);
  const { lines } = await house.alice.operator.runs.show(waiting.task);
  const question = lines.find(({ decision, code }) => decision === 'ask' && code === 'approval.needed');
  assert.equal(
    renderParts(question?.outcome?.sentence ?? []),
    'never sent: a rule of the organisation forbids it: The books are closed.',
  );
  await house.ada.operator.policies.publish(policy);
});

test('a proof that comes a second time: what it may mean, and whom to ask', async () => {
  const working = await newcomer();
  const path = `/api/shop/orders/${order}`;
  const proof = await working.agent.proof('GET', house.plane.agents + path, { token: working.token });
  assert.equal((await working.agent.call(working.token, 'GET', path, { proof })).status, 200);
  assert.equal((await working.agent.call(working.token, 'GET', path, { proof })).status, 401);
  const { says, next } = await told(working);
  assert.equal(says, 'Refused: the proof was used before.');
  assert.match(next, new RegExp(`somebody copied a request of ${working.name}\\.`));
});

test('a call that the catalog does not know, or not so, says what was looked for and what is there', async () => {
  const working = await newcomer();
  const { agent, token } = working;
  const saysOf = async (method: string, path: string, more: CallParts = {}) => {
    assert.ok((await agent.call(token, method, path, more)).status >= 400);
    return (await told(working)).says;
  };
  assert.equal(await saysOf('GET', '/api/shop/nowhere'), 'Refused: no action of the API shop has the path "/nowhere".');
  assert.equal(
    await saysOf('PUT', `/api/shop/orders/${order}`),
    `Refused: at the path "/orders/${order}", the API shop takes GET and not PUT.`,
  );
  assert.equal(await saysOf('GET', '/api/shpo/orders'), 'Refused: there is no API shpo here.');
  assert.equal(
    await saysOf('POST', refundsPath, { body: { currency: 'USD' } }),
    'Refused: shop:refunds.create needs the value amount, which was left out.',
  );
  assert.equal(
    await saysOf('POST', refundsPath, { body: { amount: 'all of it', currency: 'USD' } }),
    'Refused: the value amount is not what shop:refunds.create declares.',
  );
});

test('a caller that did not prove who it is is not taken for the agent whose token it shows', async () => {
  const working = await newcomer();
  const path = `/api/shop/orders/${order}`;
  const bare = await fetch(house.plane.agents + path, { headers: { authorization: `DPoP ${working.token}` } });
  assert.equal(bare.status, 401);
  const { line, says } = await told(working);
  assert.match(says, /^Refused: no proof came with the token/);
  assert.match(
    renderParts(line.told),
    new RegExp(
      `^A caller that did not prove who it is, with a token or key of ${working.name}, was not allowed to send "GET `,
    ),
  );
  assert.equal(JSON.stringify(line).includes(working.token), false);
});

test('a token that is for something else says what for, in the log of whose token it is', async () => {
  const { agent } = await newcomer();
  const response = await agent.call(await agent.agentToken(), 'GET', `/api/shop/orders/${order}`);
  assert.equal(response.status, 401);
  const { denied } = await house.carol.operator.log.entry(response.headers.get('ambit-entry') as EntryId);
  const audience = denied?.sentence.find((part) => 'value' in part && part.source === 'plane');
  assert.ok(audience && 'value' in audience && audience.value.startsWith('http'), 'the audience is named');
  assert.match(renderParts(denied?.sentence ?? []), /^Refused: the access token is for "http/);
});

test('a task that was ended, and an agent that was suspended, refuse in words that say so', async () => {
  const working = await newcomer();
  await house.alice.operator.tasks.revoke(working.task, 'No longer needed.');
  assert.equal((await refund(working.agent, working.token, '1.00')).status, 401);
  const over = await told(working);
  assert.match(over.says, /^Refused: (the|this) task (has|was) ended\.$/);
  assert.match(over.next, /another task/);
  const other = await newcomer();
  await house.alice.operator.agents.suspend(other.agent.bot.id, 'It behaves oddly.');
  assert.ok((await refund(other.agent, other.token, '1.00')).status >= 400);
  const stopped = await told(other);
  assert.match(stopped.says, /^Refused: /);
  assert.doesNotMatch(stopped.says + stopped.next, /RFC|DPoP|token endpoint/);
});

test('a denial grows its entry by some 100 bytes at the most, a permit and a question by nothing', async () => {
  const working = await newcomer();
  const { agent, token } = working;
  const responses = [
    await agent.call(token, 'GET', `/api/shop/orders/${order}`),
    await refund(agent, token, '80.00'),
    await refund(agent, token, '180.00'),
    await agent.call(token, 'POST', refundsPath, {
      body: { amount: '1.00', currency: 'USD', reason: 'x'.repeat(300) },
    }),
    await agent.call(token, 'GET', '/api/shop/payroll'),
    await agent.call(token, 'GET', '/api/shop/nowhere'),
  ];
  const kept = await Promise.all(
    responses.map(async ({ headers }) => {
      const { detail, header } = await house.carol.operator.log.entry(headers.get('ambit-entry') as EntryId);
      const text = JSON.stringify(detail);
      const { denied } = (JSON.parse(text) as { readonly detail?: { readonly denied?: object } }).detail ?? {};
      return { decision: header.decision, bytes: denied === undefined ? 0 : JSON.stringify({ denied }).length };
    }),
  );
  assert.deepEqual(
    kept.map(({ decision }) => decision),
    ['permit', 'ask', 'deny', 'deny', 'deny', 'deny'],
  );
  for (const { decision, bytes } of kept)
    assert.ok(decision === 'deny' ? bytes > 10 && bytes <= 110 : bytes === 0, `${decision}: ${bytes} bytes`);
});

test('an entry that is read by itself says the same, and one of a permit says nothing', async () => {
  const working = await newcomer();
  const responses = [
    await refund(working.agent, working.token, '180.00'),
    await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`),
  ];
  const { log } = house.carol.operator;
  const [denied, permitted] = await Promise.all(
    responses.map(async ({ headers }) => (await log.entry(headers.get('ambit-entry') as EntryId)).denied),
  );
  assert.equal(
    renderParts(denied?.sentence ?? []),
    'Refused: this task may refund at most 100.00 USD a call; 180.00 USD was asked.',
  );
  assert.equal(permitted, null);
});
