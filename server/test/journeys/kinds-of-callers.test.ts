// Agents, services, a partner and Alice's own client all pass the same gateway, and the log tells them apart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EntryId, TaskId, WorkloadKind } from '@ambit/protocol';
import type { AmbitRefusal } from '@ambit/sdk';
import { refused } from '../attacks/witness.ts';
import { type Bot, damagedOrder, type House, only, openHouse, order, registerBot, wholeShop } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';

let house: House;
const bots = new Map<WorkloadKind, Bot>();
const agents = new Map<WorkloadKind, RawAgent>();
before(async () => {
  house = await openHouse();
  for (const kind of ['agent', 'service', 'partner', 'client'] as const) {
    const bot = await registerBot(house.alice, `the-${kind}`, wholeShop, kind);
    bots.set(kind, bot);
    agents.set(kind, await rawAgent(house, bot));
  }
});
after(() => house.close());

const reading = [only('shop:orders.get', 'path.orderId', order)];
const purpose = { type: 'support', text: 'Look at the order.' };
const signFor = (kind: WorkloadKind) =>
  house.alice.operator.standingGrants.sign({
    agent: bots.get(kind)!.id,
    authority: reading,
    liveTasksMax: 5,
    taskSecondsMax: 600,
    expiresAt: Date.now() + 3_600_000,
  });
const says = (code: string) => (error: AmbitRefusal) => error.code === code;
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const openFor = (kind: WorkloadKind, who = house.alice) =>
  who.operator.tasks.open({ agent: bots.get(kind)!.id, purpose, ttlSeconds: 600, authority: damagedOrder });

/** A task of the kind’s own way, and its token. */
async function atWork(kind: WorkloadKind): Promise<{ task: TaskId; token: string }> {
  const agent = agents.get(kind)!;
  if (kind !== 'service') {
    const { id } = await openFor(kind);
    return { task: id, token: await agent.accept(id) };
  }
  await signFor('service');
  const body = { purpose, ttlSeconds: 300, authority: reading };
  const opened = await agent.api(await agent.agentToken(), 'POST', '/v1/agent/tasks', body);
  const { id } = (await opened.json()) as { id: TaskId };
  return { task: id, token: await agent.accept(id) };
}

const profiles = { agent: 'ai_agent', service: 'service', partner: 'partner', client: 'user' };
for (const kind of ['agent', 'service', 'partner', 'client'] as const) {
  test(`a call of a ${kind} is decided like any, and token, entry and run say what it is`, async () => {
    const { task, token } = await atWork(kind);
    const claims = claimsOf(token);
    assert.deepEqual([claims.client_profile, claims.act.sub_profile], [profiles[kind], profiles[kind]]);
    const response = await agents.get(kind)!.call(token, 'GET', `/api/shop/orders/${order}`);
    assert.equal(response.status, 200, await response.clone().text());
    const { header } = await house.carol.operator.log.entry(response.headers.get('ambit-entry') as EntryId);
    assert.deepEqual([header.who.kind, header.decision], [kind, 'permit']);
    const beyond = await agents.get(kind)!.call(token, 'GET', '/api/shop/orders/1043');
    assert.equal(beyond.status, 403);
    const denied = await house.carol.operator.log.entry(beyond.headers.get('ambit-entry') as EntryId);
    assert.deepEqual([denied.header.who.kind, denied.header.decision], [kind, 'deny']);
    const { runs } = await house.carol.operator.runs.list({ kind });
    assert.ok(runs.some((one) => one.run === task) && runs.every((one) => one.kind === kind));
  });
}

test('what was refused before anybody could read it is told apart as well', async () => {
  const { token } = await atWork('client');
  const response = await agents.get('client')!.call(token, 'GET', '/api/shop/nowhere');
  assert.equal(response.status, 404);
  const { header } = await house.carol.operator.log.entry(response.headers.get('ambit-entry') as EntryId);
  assert.equal(header.who.kind, 'client');
});

test('a service acts on nobody’s behalf: no person opens a task for it, and no agent hands it one', async () => {
  await assert.rejects(openFor('service'), says('task.service_acts_alone'));
  const { token } = await atWork('agent');
  const form = exchangeForm(token, await agents.get('service')!.actorToken(), reading);
  const response = await agents.get('agent')!.tokenRequest(form);
  assert.equal(response.status, 400);
  assert.match(await response.text(), /"error":"access_denied".*standing grant/);
});

test('a person’s own client acts for that person and nobody else, and never unasked', async () => {
  await house.ada.operator.persons.setDelegable(house.bob.id, wholeShop);
  await assert.rejects(openFor('client', house.bob), says('task.client_of_another'));
  await assert.rejects(signFor('client'), says('task.client_of_another'));
  const { id } = await house.bob.operator.tasks.open({
    agent: bots.get('agent')!.id,
    purpose,
    ttlSeconds: 600,
    authority: reading,
  });
  const bobs = await agents.get('agent')!.accept(id);
  const toClient = await agents
    .get('agent')!
    .tokenRequest(exchangeForm(bobs, await agents.get('client')!.actorToken(), reading));
  assert.equal(toClient.status, 400);
  assert.match(await toClient.text(), /"error":"access_denied".*Its owner has to ask/);
  const { token } = await atWork('agent');
  const own = exchangeForm(token, await agents.get('client')!.actorToken(), reading);
  const child = await tokenOf(await agents.get('agent')!.tokenRequest(own));
  const { client_profile, act, sub } = claimsOf(child);
  assert.deepEqual([client_profile, act.sub_profile, act.act.sub_profile], ['user', 'user', 'ai_agent']);
  assert.equal(sub, house.alice.id);
});

test('a client that was given to another person acts no more for the one before, at any door', async () => {
  const bot = await registerBot(house.alice, 'handed-over', wholeShop, 'client');
  const [client, wish] = [await rawAgent(house, bot), { agent: bot.id, purpose, ttlSeconds: 600, authority: reading }];
  const { id } = await house.alice.operator.tasks.open(wish);
  const token = await client.accept(id);
  const path = `/api/shop/orders/${order}`;
  assert.equal((await client.call(token, 'GET', path)).status, 200);
  const waiting = await house.alice.operator.tasks.open(wish);
  await house.ada.operator.persons.setRoles(house.bob.id, ['approver', 'owner']);
  await house.ada.operator.agents.reassign(bot.id, house.bob.id, 'Bob takes over');
  await refused(await client.call(token, 'GET', path), 'task.client_of_another');
  await assert.rejects(client.taskToken(id), /Its owner has to ask/);
  await assert.rejects(client.accept(waiting.id), /Its owner has to ask/);
  await house.ada.operator.agents.reassign(bot.id, house.alice.id, 'Alice has it again');
  assert.equal((await client.call(token, 'GET', path)).status, 200);
});

test('that Alice’s own client calls is no yes of Alice: what asks is asked', async () => {
  const { token } = await atWork('client');
  const response = await agents
    .get('client')!
    .call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body: { amount: '80.00', currency: 'USD' } });
  assert.equal(response.status, 202);
});

test('a partner has an owner and an end, as everybody has; a kind that nobody knows is none', async () => {
  const { agents: room } = house.alice.operator;
  const wish = {
    name: 'p',
    kind: 'partner',
    team: 't',
    purpose: 'p',
    environment: 'test',
    zone: 'default',
    ceiling: [],
  };
  await assert.rejects(room.register(wish as never), says('request.malformed'));
  const forever = { ...wish, expiresAt: Date.now() - 1 };
  await assert.rejects(room.register(forever as never), says('request.malformed'));
  const odd = { ...wish, kind: 'robot', expiresAt: Date.now() + 60_000 };
  await assert.rejects(room.register(odd as never), says('request.malformed'));
  const shown = await room.show(bots.get('partner')!.id);
  assert.deepEqual([shown.kind, shown.owner], ['partner', house.alice.id]);
});

test('a rule can tell kinds apart', async () => {
  const [newest] = await house.ada.operator.policies.list();
  const { text } = await house.ada.operator.policies.show(newest!.number);
  const rule = `@id("no-partners") @reason("x") forbid (principal is Agent, action, resource) when { principal.kind == "partner" };`;
  const work = { agent: await atWork('agent'), partner: await atWork('partner') };
  await house.ada.operator.policies.publish(`${text}\n${rule}`);
  const call = (kind: 'agent' | 'partner') =>
    agents.get(kind)!.call(work[kind].token, 'GET', `/api/shop/orders/${order}`);
  assert.equal((await call('agent')).status, 200);
  await refused(await call('partner'), 'policy.denied');
  await house.ada.operator.policies.publish(text);
});

test('the doings of each kind are counted from the log, for an auditor and nobody else', async () => {
  const stats = await house.carol.operator.log.stats({ by: 'kind' });
  const byName = new Map(stats.rows.map((row) => [row.name, row]));
  assert.deepEqual([...byName.keys()].sort(), ['agent', 'client', 'partner', 'service']);
  for (const row of stats.rows) assert.ok(row.permit >= 1 && row.deny >= 1, JSON.stringify(row));
  assert.equal(byName.get('client')?.ask, 1);
  const sum = stats.rows.reduce((all, { permit, ask, deny }) => all + permit + ask + deny, 0);
  assert.equal(sum, stats.decisions);
  const actions = await house.carol.operator.log.stats({ by: 'action' });
  assert.ok(actions.rows.some(({ name, ask }) => name === 'shop:refunds.create' && ask === 1));
  const nothing = await house.carol.operator.log.stats({ since: 0, until: 1000 });
  assert.deepEqual([nothing.decisions, nothing.rows], [0, []]);
  await assert.rejects(house.bob.operator.log.stats(), says('caller.not_allowed'));
});
