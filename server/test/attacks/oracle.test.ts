// Mallory asks and asks, and reads the refusals: where the line is, who draws it, what the others have spent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, EntryId } from '@ambit/protocol';
import { type House, openHouse, order, registerBot } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';
import { asked, atWork, poll, type Working } from './questions.ts';
import { refund, refundsPath } from './witness.ts';

let house: House;
let policy: string;
let number = 0;
before(async () => {
  house = await openHouse();
  const [newest] = await house.ada.operator.policies.list();
  policy = (await house.ada.operator.policies.show(newest!.number)).text;
});
after(() => house.close());

/** Everything that an answer tells, its headers too. */
const all = async (response: Response) =>
  `${response.status} ${JSON.stringify([...response.headers])} ${await response.clone().text()}`;

async function mustNotSay(response: Response, ...words: readonly string[]): Promise<string> {
  const text = await all(response);
  for (const word of words)
    assert.ok(!text.toLowerCase().includes(word.toLowerCase()), `the agent hears "${word}": ${text}`);
  return text;
}

const entryOf = async (response: Response) =>
  house.carol.operator.log.entry(response.headers.get('ambit-entry') as EntryId);

async function newcomer(authority?: Authority): Promise<Working> {
  const bot = await registerBot(house.alice, `newcomer-${++number}`);
  return atWork(house, authority === undefined ? {} : { authority }, bot);
}

test('a rule that forbids is heard as a rule, without its name, its words or its line; the log has them', async () => {
  const text =
    '@id("quarter-end-4711") @reason("Refunds above 41.37 wait for the quarter.") forbid(principal, action == Action::"shop:refunds.create", resource);';
  await house.ada.operator.policies.publish(`${policy}\n${text}`);
  const { agent, token } = await newcomer();
  const response = await refund(agent, token, '42.00');
  assert.equal(response.status, 403);
  await mustNotSay(response, 'quarter', '4711', '41.37', 'forbid', 'cedar');
  const { entry } = (await response.json()) as { entry: EntryId };
  const { detail } = await house.carol.operator.log.entry(entry);
  assert.match(JSON.stringify(detail), /quarter-end-4711/);
  await house.ada.operator.policies.publish(policy);
});

test('a rule that asks is heard as a question, without its words; the approver reads them', async () => {
  const rule =
    '@id("fraud-watch") @reason("Dana is on the fraud list.") @ask("Is Dana still on the fraud list?") forbid(principal, action == Action::"shop:refunds.create", resource);';
  await house.ada.operator.policies.publish(`${policy}\n${rule}`);
  const waiting = await asked(house, await newcomer(), '12.00');
  assert.match(waiting.question.asks.map((one) => one.reason).join(' '), /fraud list/);
  await mustNotSay(await poll(waiting, 0), 'fraud', 'Dana', house.bob.id, 'Bob', 'approver');
  await house.bob.operator.approvals.answer(waiting.question, 'no');
  await mustNotSay(await poll(waiting, 0), 'fraud', 'Dana', house.bob.id, 'Bob');
  await house.ada.operator.policies.publish(policy);
});

test('who approves is not told: neither while it waits nor in the answer', async () => {
  const waiting = await asked(house, await newcomer(), '81.00');
  await mustNotSay(await poll(waiting, 0), house.bob.id, 'Bob', 'approver', house.alice.id);
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  await mustNotSay(await poll(waiting), house.bob.id, 'Bob', 'approver', house.carol.id);
});

test('the agent’s own line is its own to hear', async () => {
  const waiting = await asked(house, await newcomer(), '81.50');
  assert.match(await all(await poll(waiting, 0)), /above 50\.00 USD need a person/);
  const { agent, token } = waiting;
  assert.match(await all(await refund(agent, token, '180.00')), /180\.00 ≤ 100\.00/);
});

test('what others have spent stays with them', async () => {
  await house.ada.operator.limits.set({
    name: 'company-wide-cap',
    subject: 'tenant',
    limit: { sum: { max: '60.00', currency: 'USD' }, seconds: 86_400 },
    reason: 'The card says so.',
  });
  const [first, second, { agent, token }] = [await newcomer(), await newcomer(), await newcomer()];
  assert.equal((await refund(first.agent, first.token, '37.41')).status, 201);
  assert.equal((await refund(second.agent, second.token, '20.11')).status, 201);
  const response = await refund(agent, token, '5.00');
  await house.ada.operator.limits.remove('company-wide-cap');
  assert.equal(response.status, 429);
  const sums = ['60.00', '37.41', '20.11', '57.52', '2.48'];
  await mustNotSay(response, ...sums, 'company-wide', 'card', first.agent.bot.id, 'tenant');
});

test('a sub-agent does not hear the line and the sums of the task above it', async () => {
  const parent = await newcomer();
  assert.equal((await refund(parent.agent, parent.token, '33.33')).status, 201);
  const lookup = await rawAgent(house, house.lookupBot);
  const less: Authority = [
    {
      type: 'ambit_grant',
      actions: ['shop:refunds.create'],
      where: {
        'path.orderId': { all: [{ equals: order }] },
        'body.amount': { all: [{ range: { min: '0.01', max: '30.00' } }] },
        'body.currency': { all: [{ equals: 'USD' }] },
      },
      limits: [{ sum: { max: '30.00', currency: 'USD' } }],
      asks: [{ over: { amount: '29.00', currency: 'USD' }, per: 'path.orderId', reason: 'Ask early.' }],
    },
  ];
  const exchanged = await parent.agent.tokenRequest(exchangeForm(parent.token, await lookup.actorToken(), less));
  const child = await tokenOf(exchanged);
  const response = await lookup.call(child, 'POST', refundsPath, { body: { amount: '20.00', currency: 'USD' } });
  assert.equal(response.status, 202, await response.clone().text());
  await mustNotSay(response, '33.33', '50.00', 'on one order above');
});

test('a ceiling and what a person may delegate are heard as such, without their bounds', async () => {
  const { delegable } = await house.ada.operator.persons.show(house.alice.id);
  const { agent, token } = await newcomer();
  const bounded: Authority = [
    {
      type: 'ambit_grant',
      actions: ['shop:refunds.create'],
      where: {
        'body.amount': { all: [{ range: { max: '7.77' } }] },
        'path.orderId': { all: [{ any: true }] },
        'body.currency': { all: [{ any: true }] },
      },
    },
  ];
  await house.ada.operator.persons.setDelegable(house.alice.id, bounded);
  const response = await refund(agent, token, '8.00');
  await house.ada.operator.persons.setDelegable(house.alice.id, delegable);
  assert.equal(response.status, 403);
  await mustNotSay(response, '7.77', house.alice.id, 'Alice');
});

test('the agents’ listener has no way into the log, the rules or the people', async () => {
  const { agent } = await newcomer();
  const token = await agent.agentToken();
  const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  const { header } = await entryOf(response).catch(() => ({ header: { id: 'ent_00000000000000000000' } }));
  for (const path of [
    `/v1/log/entries/${header.id}`,
    '/v1/log/export',
    '/v1/policies',
    '/v1/persons',
    '/v1/limits',
    '/v1/approvals',
    '/v1/runs',
    '/v1/credentials',
  ]) {
    assert.equal((await agent.api(token, 'GET', path)).status, 404, path);
  }
});
