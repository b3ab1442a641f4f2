/** RFC 8935: what waits is pushed to the receiver, in order, until it took it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type House, openHouse } from '../../house.ts';
import { allEvents, openEndpoint, openReceiver, push, type Receiver } from '../ssf/receiver.ts';

let house: House;
let receiver: Receiver;
before(async () => {
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
  receiver = await openReceiver(house);
});
after(() => house.close());

type Endpoint = Awaited<ReturnType<typeof openEndpoint>>;

async function pushing(endpoint: Pick<Endpoint, 'url'>, header?: string) {
  const delivery = {
    method: push,
    endpoint_url: `${endpoint.url}/events`,
    ...(header !== undefined && { authorization_header: header }),
  };
  return receiver.create({ delivery, events_requested: allEvents });
}

const endTask = async () => {
  const task = await house.openTask();
  await house.alice.operator.tasks.revoke(task, 'over');
  return task;
};
const sessionIn = async (set: string) => ((await receiver.verify(set)).sub_id.session as { id: string }).id;

test('§2.1 a SET is posted as application/secevent+jwt with the header the receiver wanted, which is shown to nobody', async () => {
  const endpoint = await openEndpoint();
  const secret = 'Bearer receiver-secret-4711';
  const made = await pushing(endpoint, secret);
  assert.doesNotMatch(JSON.stringify(made), /4711/);
  const task = await endTask();
  const [first] = await endpoint.until(1);
  assert.equal(first?.type, 'application/secevent+jwt');
  assert.equal(first?.authorization, secret);
  assert.equal(await sessionIn(first!.set), task);
  await sleep(1500);
  assert.equal(endpoint.heard.length, 1, 'what was taken is not sent again');
  const streams = JSON.stringify(await house.ada.operator.signals.streams());
  assert.doesNotMatch(streams, /4711/);
  await receiver.ask('DELETE', `${receiver.metadata.configuration_endpoint}?stream_id=${made.stream_id}`);
  await endpoint.close();
});

test('§2.3 what the receiver cannot take now is sent again, in order; what it refuses as a SET is not', async () => {
  const endpoint = await openEndpoint();
  endpoint.answers.push(
    [503, ''],
    [400, JSON.stringify({ err: 'authentication_failed', description: 'later' })],
    [202, ''],
    [400, JSON.stringify({ err: 'invalid_audience', description: 'not for us' })],
  );
  const made = await pushing(endpoint);
  const [first, second, third] = [await endTask(), await endTask(), await endTask()];
  const heard = await endpoint.until(5);
  const sessions = await Promise.all(heard.map(({ set }) => sessionIn(set)));
  assert.deepEqual(sessions, [first, first, first, second, third]);
  assert.equal(
    (await receiver.verify(heard[0]!.set)).jti,
    (await receiver.verify(heard[2]!.set)).jti,
    'one jti for one SET',
  );
  await receiver.ask('DELETE', `${receiver.metadata.configuration_endpoint}?stream_id=${made.stream_id}`);
  await endpoint.close();
});

test('at least once: what a receiver was not there for comes when it is, also after the plane was restarted', async () => {
  const endpoint = await openEndpoint();
  const port = Number(new URL(endpoint.url).port);
  const made = await pushing(endpoint);
  await endpoint.close();
  const task = await endTask();
  await sleep(1200);
  await house.restart();
  const back = await openEndpoint(port);
  const [first] = await back.until(1);
  assert.equal(await sessionIn(first!.set), task);
  await receiver.ask('DELETE', `${receiver.metadata.configuration_endpoint}?stream_id=${made.stream_id}`);
  await back.close();
});
