/** OpenID Shared Signals Framework 1.0: the transmitter's metadata and the management of streams. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse } from '../../house.ts';
import { allEvents, caep, type Event, openReceiver, poll, push, type Receiver, ssf } from './receiver.ts';

let house: House;
let receiver: Receiver;
let other: Receiver;
before(async () => {
  house = await openHouse();
  receiver = await openReceiver(house);
  other = await openReceiver(house, house.ada.operator, 'other');
});
after(() => house.close());

const at = (name: string) => receiver.metadata[name]!;
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

test('§7.1 the metadata names every endpoint under the issuer, both deliveries and the keys of the plane', async () => {
  const { agents } = house.plane;
  assert.equal(receiver.metadata.spec_version, '1_0');
  assert.equal(receiver.metadata.issuer, agents);
  assert.deepEqual(receiver.metadata.delivery_methods_supported, [push, poll]);
  assert.deepEqual(receiver.metadata.authorization_schemes, [{ spec_urn: 'urn:ietf:rfc:6750' }]);
  assert.equal(receiver.metadata.default_subjects, 'ALL');
  for (const name of ['jwks_uri', 'configuration_endpoint', 'status_endpoint', 'verification_endpoint'])
    assert.ok(at(name).startsWith(`${agents}/`), name);
  assert.equal((await fetch(at('jwks_uri'))).status, 200);
});

test('§8.1.1 a stream is created, read, updated, replaced and deleted by its receiver', async () => {
  const made = await receiver.create({ delivery: { method: poll }, events_requested: [...allEvents, 'urn:unknown'] });
  assert.equal(made.iss, house.plane.agents);
  assert.equal(made.aud, receiver.point);
  assert.deepEqual(made.events_delivered, allEvents);
  assert.ok((made.events_supported as string[]).includes(`${caep}session-revoked`));
  assert.equal(made.delivery.endpoint_url, `${house.plane.agents}/ssf/poll/${made.stream_id}`);
  const one = `${at('configuration_endpoint')}?stream_id=${made.stream_id}`;
  assert.deepEqual(await json(await receiver.ask('GET', one)), made);
  const all = (await (await receiver.ask('GET', at('configuration_endpoint'))).json()) as { stream_id: string }[];
  assert.ok(all.some(({ stream_id }) => stream_id === made.stream_id));

  const patch = { stream_id: made.stream_id, description: 'ours' };
  const patched = await json(await receiver.ask('PATCH', at('configuration_endpoint'), patch));
  assert.equal(patched.description, 'ours');
  assert.deepEqual(patched.events_delivered, allEvents, 'what was not named stays');
  const whole = { ...patched, events_requested: [allEvents[0]], description: undefined };
  const put = await json(await receiver.ask('PUT', at('configuration_endpoint'), whole));
  assert.deepEqual(put.events_delivered, [allEvents[0]]);
  assert.equal(put.description, undefined, 'what was not named is as new');

  assert.equal((await receiver.ask('DELETE', one)).status, 204);
  assert.equal((await receiver.ask('GET', one)).status, 404);
  assert.equal((await receiver.ask('DELETE', one)).status, 404);
});

test('§8.1.2 what happens while a stream is paused is told later; while it is disabled, never', async () => {
  const { stream_id } = await receiver.create({ delivery: { method: poll }, events_requested: allEvents });
  const set = (status: string) => receiver.ask('POST', at('status_endpoint'), { stream_id, status, reason: 'a test' });
  const about = (agent: string) => (event: Event) =>
    (event.sub_id.application as Record<string, string> | undefined)?.sub === agent;
  assert.deepEqual(await json(await set('paused')), { stream_id, status: 'paused', reason: 'a test' });
  await house.alice.operator.agents.suspend(house.malloryBot.id, 'odd');
  assert.deepEqual((await receiver.poll(stream_id)).sets, {});
  await set('enabled');
  assert.ok(await receiver.until(stream_id, about(house.malloryBot.id)));
  await set('disabled');
  await house.alice.operator.agents.suspend(house.lookupBot.id, 'odd');
  await set('enabled');
  await house.alice.operator.agents.resume(house.lookupBot.id, 'fine');
  const next = await receiver.until(stream_id, about(house.lookupBot.id));
  assert.equal(next.events[`${caep}risk-level-change`]?.current_level, 'LOW', 'the first that came is of after');
  const shown = await json(await receiver.ask('GET', `${at('status_endpoint')}?stream_id=${stream_id}`));
  assert.equal(shown.status, 'enabled');
});

test('§8.1.3 a removed subject is told of no more, and again when it was added', async () => {
  const { stream_id } = await receiver.create({ delivery: { method: poll }, events_requested: allEvents });
  const { agents } = house.plane;
  const agent = { format: 'iss_sub', iss: agents, sub: house.refundBot.id };
  assert.equal((await receiver.ask('POST', at('remove_subject_endpoint'), { stream_id, subject: agent })).status, 204);
  const first = await house.openTask();
  await house.alice.operator.tasks.revoke(first, 'over');
  assert.deepEqual((await receiver.poll(stream_id)).sets, {});
  const add = { stream_id, subject: agent, verified: true };
  assert.equal((await receiver.ask('POST', at('add_subject_endpoint'), add)).status, 200);
  const second = await house.openTask();
  await house.alice.operator.tasks.revoke(second, 'over');
  const { sub_id } = await receiver.until(stream_id, () => true);
  assert.deepEqual(sub_id.session, { format: 'opaque', id: second });
});

test('§8.1.4 verification comes through the stream with its state, to this stream alone, and not too often', async () => {
  const { stream_id } = await receiver.create({ delivery: { method: poll }, events_requested: [] });
  const beside = await receiver.create({ delivery: { method: poll }, events_requested: allEvents });
  const ask = () => receiver.ask('POST', at('verification_endpoint'), { stream_id, state: 'c2VjcmV0LWZyZWU' });
  assert.equal((await ask()).status, 204);
  assert.equal((await ask()).status, 429);
  const event = await receiver.until(stream_id, () => true);
  assert.deepEqual(event.events, { [`${ssf}verification`]: { state: 'c2VjcmV0LWZyZWU' } });
  assert.deepEqual(event.sub_id, { format: 'opaque', id: stream_id });
  assert.deepEqual((await receiver.poll(beside.stream_id)).sets, {});
});

test('nobody manages or reads a stream without a credential, with that of another door, or of another receiver', async () => {
  const { stream_id } = await receiver.create({ delivery: { method: poll }, events_requested: allEvents });
  const config = `${at('configuration_endpoint')}?stream_id=${stream_id}`;
  const pollAt = `${house.plane.agents}/ssf/poll/${stream_id}`;
  const door = await house.ada.operator.points.register({ name: 'authzen', kind: 'authzen' });
  for (const [method, url, body] of [
    ['GET', config, undefined],
    ['DELETE', config, undefined],
    ['PATCH', at('configuration_endpoint'), { stream_id, description: 'mine' }],
    ['POST', at('status_endpoint'), { stream_id, status: 'disabled' }],
    ['POST', at('verification_endpoint'), { stream_id }],
    ['POST', at('remove_subject_endpoint'), { stream_id, subject: { format: 'opaque', id: 'x' } }],
    ['POST', pollAt, { returnImmediately: true }],
  ] as const) {
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    assert.equal((await fetch(url, sent)).status, 401, `${method} ${url} without a credential`);
    assert.equal((await receiver.ask(method, url, body, door.secret!)).status, 401, `${method} ${url} by another door`);
    assert.equal((await other.ask(method, url, body)).status, 404, `${method} ${url} by another receiver`);
  }
  const asking = { subject: { type: 'user', id: 'x' }, action: { name: 'y' }, resource: { type: 'z', id: '1' } };
  const evaluation = await receiver.ask('POST', `${house.plane.agents}/access/v1/evaluation`, asking);
  assert.equal(evaluation.status, 401, 'and a receiver asks for no decisions');
});

test('a receiver that was retired hears nothing more', async () => {
  const gone = await openReceiver(house, house.ada.operator, 'gone');
  const { stream_id } = await gone.create({ delivery: { method: poll }, events_requested: allEvents });
  await house.ada.operator.points.retire(gone.point as never);
  assert.equal((await gone.ask('POST', `${house.plane.agents}/ssf/poll/${stream_id}`, {})).status, 401);
});

test('a receiver has eight streams at most', async () => {
  const many = await openReceiver(house, house.ada.operator, 'many');
  for (let i = 0; i < 8; i++) await many.create({ delivery: { method: poll } });
  const ninth = await many.ask('POST', at('configuration_endpoint'), { delivery: { method: poll } });
  assert.equal(ninth.status, 409);
});
