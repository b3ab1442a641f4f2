/** CAEP 1.0: which event says what happened here, and what of it goes out. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enrol, newKey } from '@ambit/sdk/operator';
import { decodeJwt } from 'jose';
import { type House, only, openHouse, order, publicHalf, registerBot } from '../../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../../raw-agent.ts';
import { allEvents, caep, type Event, openReceiver, poll, type Receiver, risc } from '../ssf/receiver.ts';

let house: House;
let receiver: Receiver;
let stream: string;
before(async () => {
  house = await openHouse();
  receiver = await openReceiver(house);
  const wanted = { delivery: { method: poll }, events_requested: [...allEvents, `${risc}account-disabled`] };
  stream = (await receiver.create(wanted)).stream_id;
});
after(() => house.close());

const has = (type: string, member: string, value: object) => (event: Event) =>
  type in event.events && JSON.stringify(event.sub_id[member]) === JSON.stringify(value);
const named = (sub: string) => ({ format: 'iss_sub', iss: house.plane.agents, sub });
const opaque = (id: string) => ({ format: 'opaque', id });

test('§3.1 session-revoked: a task that ended, and each one below it, with tenant, person and agent', async () => {
  const [agent, lookup] = [await rawAgent(house, house.refundBot), await rawAgent(house, house.lookupBot)];
  const task = await house.openTask();
  const token = await agent.accept(task);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), less)));
  const { mission } = decodeJwt<{ mission: { id: string } }>(child);
  await house.alice.operator.tasks.revoke(task, 'sk-live-private-reason');
  const { tenant } = await house.ada.operator.me();
  for (const [id, of] of [
    [task, house.refundBot.id],
    [mission.id, house.lookupBot.id],
  ] as const) {
    const event = await receiver.until(stream, has(`${caep}session-revoked`, 'session', opaque(id)));
    assert.deepEqual(event.sub_id, {
      format: 'complex',
      tenant: opaque(tenant),
      user: named(house.alice.id),
      application: named(of),
      session: opaque(id),
    });
    const said = event.events[`${caep}session-revoked`]!;
    assert.equal(said.initiating_entity, 'admin');
    assert.ok(Math.abs((said.event_timestamp as number) - Date.now() / 1000) < 60);
    assert.match(event.txn as string, /^ent_/);
    for (const name of ['sub', 'exp']) assert.ok(!(name in event), `a SET has no ${name}`);
    assert.doesNotMatch(JSON.stringify(event), /private-reason/, 'what a person wrote stays here');
  }
});

test('§3.1 session-revoked: a revoked token by its jwt_id', async () => {
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(await house.openTask());
  const { jti } = decodeJwt(token);
  await house.ada.operator.tasks.revokeToken(jti as never, 'seen in a paste');
  const id = { format: 'jwt_id', iss: house.plane.agents, jti };
  assert.ok(await receiver.until(stream, has(`${caep}session-revoked`, 'session', id)));
});

test('§3.2 token-claims-change: a narrowed task, by the hash of what it may do now', async () => {
  const agent = await rawAgent(house, house.refundBot);
  const task = await house.openTask();
  const token = await agent.accept(task);
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}/shipping`)).status, 200);
  const less = [only('shop:orders.get', 'path.orderId', order)];
  await assert.rejects(
    house.alice.operator.tasks.narrow(task, [{ type: 'ambit_grant', actions: ['shop:payroll.list'] }], 'x'),
  );
  await house.alice.operator.tasks.narrow(task, less, 'the order only');
  const event = await receiver.until(stream, has(`${caep}token-claims-change`, 'session', opaque(task)));
  const { claims } = event.events[`${caep}token-claims-change`]! as { claims: { mission: Record<string, string> } };
  const { mission } = decodeJwt<{ mission: { authority_hash: string } }>(await agent.taskToken(task));
  assert.deepEqual(claims.mission, { id: task, authority_hash: mission.authority_hash });
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}/shipping`)).status, 403);
});

test('§3.3 credential-change: keys of agents and persons that come and go', async () => {
  const bot = await registerBot(house.alice, 'key-bot');
  const said = async (member: string, value: object) =>
    (await receiver.until(stream, has(`${caep}credential-change`, member, value))).events[`${caep}credential-change`]!;
  assert.equal((await said('application', named(bot.id))).change_type, 'create');
  const more = await house.alice.operator.agents.addKey(bot.id, { jwk: publicHalf(await newKey('ES256')) });
  assert.equal((await said('application', named(bot.id))).change_type, 'create');
  await house.alice.operator.agents.revokeKey(bot.id, more.id);
  const gone = await said('application', named(bot.id));
  assert.deepEqual([gone.change_type, gone.friendly_name], ['revoke', more.id]);
  const { enrolment, id } = await house.ada.operator.persons.register({ name: 'Dana' });
  await enrol({ url: house.plane.people, code: enrolment.code, key: await newKey() });
  assert.equal((await said('user', named(id))).change_type, 'create');
});

test('§3.8 risk-level-change: an agent that was suspended, with its sessions, and that came back', async () => {
  const bot = await registerBot(house.alice, 'risky-bot');
  await house.alice.operator.agents.suspend(bot.id, 'acts oddly');
  const risk = `${caep}risk-level-change`;
  const up = await receiver.until(stream, has(risk, 'application', named(bot.id)));
  const { principal, current_level, previous_level, risk_reason } = up.events[risk]!;
  assert.deepEqual(
    [principal, current_level, previous_level, risk_reason],
    ['APPLICATION', 'HIGH', 'LOW', 'AGENT_SUSPENDED'],
  );
  assert.ok(await receiver.until(stream, has(`${caep}session-revoked`, 'application', named(bot.id))));
  await house.alice.operator.agents.resume(bot.id, 'was a drill');
  const down = await receiver.until(stream, has(risk, 'application', named(bot.id)));
  assert.equal(down.events[risk]?.current_level, 'LOW');
});

test('RISC §2.3 account-disabled: a person who was disabled, whose tasks ended with them', async () => {
  const { id } = await house.ada.operator.persons.register({ name: 'Eve' });
  await house.ada.operator.persons.disable(id, 'left');
  assert.ok(await receiver.until(stream, has(`${risc}account-disabled`, 'user', named(id))));
});

test('what a stream did not ask for does not come', async () => {
  const { stream_id } = await receiver.create({
    delivery: { method: poll },
    events_requested: [`${caep}credential-change`],
  });
  await house.alice.operator.tasks.revoke(await house.openTask(), 'over');
  assert.deepEqual((await receiver.poll(stream_id)).sets, {});
});
