/** RFC 9470 (Step Up Authentication): a rule wants the person who asked to have signed in lately, and says so to a program. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TaskId } from '@ambit/protocol';
import { connect, StepUpNeeded } from '@ambit/sdk';
import { connectOperator, type Operator } from '@ambit/sdk/operator';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { defaultPolicies } from '../../../src/policy/index.ts';
import { refundsUpTo, stepsOf, until } from '../../attacks/witness.ts';
import { type House, openHouse, order } from '../../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../../raw-agent.ts';
import { independentClient, insecure } from './independent-client.ts';

const maxAgeSeconds = 4;
const fresh = `
@id("refunds-need-a-fresh-sign-in")
@reason("Refunds are for who has signed in lately.")
@max_age("${maxAgeSeconds}")
forbid (principal, action == Action::"shop:refunds.create", resource);
`;

let house: House;
let agent: RawAgent;
let signedInAt: number;
before(async () => {
  house = await openHouse();
  await house.ada.operator.policies.publish(`${defaultPolicies}\n${fresh}`, 'Fresh refunds.');
  agent = await rawAgent(house, house.refundBot);
  signedInAt = Date.now();
});
after(() => house.close());

const isOld = () => until('an old session', () => (Date.now() - signedInAt > maxAgeSeconds * 1000 ? true : undefined));
let sent = 0;
const refund = (by: RawAgent, token: string) => {
  const body = { amount: '1.00', currency: 'USD', reason: `${++sent}` };
  return by.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body });
};
/** Alice signs in anew, as her tool does each time. */
const signedInAgain = (): Promise<Operator> =>
  connectOperator({ url: house.plane.people, person: house.alice.id, key: house.alice.key });

async function atWork(): Promise<{ task: TaskId; token: string }> {
  const task = await house.openTask({ authority: refundsUpTo('100.00') });
  return { task, token: await agent.accept(task) };
}

function challengeIn(response: Response): Record<string, string> {
  const text = response.headers.get('www-authenticate') ?? '';
  return Object.fromEntries(
    [...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

test('a token says when and how the person who asked was authenticated, and so does introspection (RFC 9068 §2.2.1)', async () => {
  const { token } = await atWork();
  const { auth_time, acr } = decodeJwt<{ auth_time: number; acr: string }>(token);
  assert.equal(acr, 'urn:ambit:acr:enrolled-key');
  assert.ok(Math.abs(auth_time * 1000 - signedInAt) < 60_000);
  const { as, client, authentication } = await independentClient(house, house.refundBot);
  const asked = await oauth.introspectionRequest(as, client, authentication, token, insecure);
  const told = await oauth.processIntrospectionResponse(as, client, asked);
  assert.deepEqual([told.auth_time, told.acr], [auth_time, acr]);
});

test('too old a sign-in is challenged with what would do (§3), and the log says which rule wanted it', async () => {
  await isOld();
  const { task, token } = await atWork();
  const response = await refund(agent, token);
  assert.equal(response.status, 401);
  const { error, max_age, acr_values, resource_metadata } = challengeIn(response);
  assert.equal(error, 'insufficient_user_authentication');
  assert.deepEqual([max_age, acr_values], [`${maxAgeSeconds}`, undefined]);
  assert.ok(URL.canParse(resource_metadata ?? ''));
  const body = await response.text();
  assert.doesNotMatch(body, /refunds-need-a-fresh|for who has signed in lately/, 'the words of rules stay in the log');
  const step = (await stepsOf(house, task)).find(({ code }) => code === 'authentication.too_old');
  assert.match(step?.why.join(' ') ?? '', /refunds-need-a-fresh-sign-in/);
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 403, 'other calls are as before');
});

test('once that person has signed in and said so for the task, the very same call goes through, and no older session helps', async () => {
  await isOld();
  const { task, token } = await atWork();
  assert.equal((await refund(agent, token)).status, 401);
  await house.alice.operator.tasks.authenticate(task);
  assert.equal((await refund(agent, token)).status, 401, 'the old session proves nothing new');
  const { authenticated } = await (await signedInAgain()).tasks.authenticate(task);
  assert.ok((authenticated?.at ?? 0) > signedInAt);
  assert.equal((await refund(agent, token)).status, 201);
  assert.ok((await stepsOf(house, task)).some(({ kind }) => kind === 'task.authenticated'));
  const renewed = decodeJwt<{ auth_time: number }>(await agent.taskToken(task));
  assert.equal(renewed.auth_time, Math.floor((authenticated?.at ?? 0) / 1000));
});

test('nobody proves it for somebody else, nor for a task that is over', async () => {
  const { task } = await atWork();
  for (const { operator } of [house.bob, house.ada]) {
    await assert.rejects(operator.tasks.authenticate(task), { code: 'thing.not_found' });
  }
  await house.alice.operator.tasks.revoke(task, 'Enough.');
  await assert.rejects((await signedInAgain()).tasks.authenticate(task), { code: 'ending.over' });
});

test('a delegated task is as fresh as the task that the person opened', async () => {
  await isOld();
  const { task, token } = await atWork();
  const helper = await rawAgent(house, house.lookupBot);
  const form = exchangeForm(token, await helper.actorToken(), refundsUpTo('100.00'));
  const child = await tokenOf(await agent.tokenRequest(form));
  assert.equal((await refund(helper, child)).status, 401);
  await (await signedInAgain()).tasks.authenticate(task);
  assert.equal((await refund(helper, child)).status, 201);
});

test('what an agent opened alone no sign-in stands behind: such a rule denies it', async () => {
  await house.alice.operator.standingGrants.sign({
    agent: house.refundBot.id,
    authority: refundsUpTo('10.00'),
    liveTasksMax: 2,
    taskSecondsMax: 60,
    expiresAt: Date.now() + 600_000,
  });
  const purpose = { type: 'support', text: 'Unasked.' };
  const wish = { purpose, ttlSeconds: 60, authority: refundsUpTo('10.00') };
  const opened = await agent.api(await agent.agentToken(), 'POST', '/v1/agent/tasks', wish);
  const { id } = (await opened.json()) as { id: TaskId };
  const token = await agent.accept(id);
  assert.equal(decodeJwt(token).auth_time, undefined);
  assert.equal((await refund(agent, token)).status, 401);
});

test('the SDK throws it as a kind of its own', async () => {
  await isOld();
  const { id, key } = house.refundBot;
  const bot = await connect({ url: house.plane.agents, agent: id, key });
  const task = await bot.accept(await house.openTask({ authority: refundsUpTo('100.00') }));
  const body = JSON.stringify({ amount: '1.00', currency: 'USD', reason: 'by the SDK' });
  const headers = { 'content-type': 'application/json' };
  const call = task.fetch(`/api/shop/orders/${order}/refunds`, { method: 'POST', headers, body });
  await assert.rejects(call, (error) => error instanceof StepUpNeeded && /task authenticate/.test(error.says));
});
