/** RFC 8936: a receiver fetches what waits for it, and says what it could use. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse } from '../../house.ts';
import { allEvents, openReceiver, poll, type Receiver } from '../ssf/receiver.ts';

let house: House;
let receiver: Receiver;
before(async () => {
  house = await openHouse();
  receiver = await openReceiver(house);
});
after(() => house.close());

const stream = async () =>
  (await receiver.create({ delivery: { method: poll }, events_requested: allEvents })).stream_id;
const endTask = async () => {
  const task = await house.openTask();
  await house.alice.operator.tasks.revoke(task, 'over');
  return task;
};

test('§2.4 what waits comes again until it is acknowledged, and then never', async () => {
  const id = await stream();
  await endTask();
  const [jti] = Object.keys((await receiver.poll(id)).sets);
  assert.ok(jti);
  const again = await receiver.poll(id);
  assert.deepEqual(Object.keys(again.sets), [jti]);
  assert.equal((await receiver.verify(again.sets[jti]!)).jti, jti, 'jti is the key of the SET');
  assert.deepEqual((await receiver.poll(id, { ack: [jti], returnImmediately: true })).sets, {});
  assert.deepEqual((await receiver.poll(id, { ack: [jti, 'unknown'], returnImmediately: true })).sets, {});
});

test('§2.2 maxEvents bounds an answer and moreAvailable says that more waits; with 0 nothing comes', async () => {
  const id = await stream();
  for (let i = 0; i < 3; i++) await endTask();
  const two = await receiver.poll(id, { maxEvents: 2, returnImmediately: true });
  assert.deepEqual([Object.keys(two.sets).length, two.moreAvailable], [2, true]);
  const none = await receiver.poll(id, { maxEvents: 0, ack: Object.keys(two.sets) });
  assert.deepEqual([none.sets, none.moreAvailable], [{}, true]);
  const rest = await receiver.poll(id, { maxEvents: 2, returnImmediately: true });
  assert.deepEqual([Object.keys(rest.sets).length, rest.moreAvailable], [1, false]);
});

test('§2.4.4 setErrs ends a SET as an acknowledgement does, and is written down with what the receiver said', async () => {
  const id = await stream();
  await endTask();
  const [jti] = Object.keys((await receiver.poll(id)).sets);
  const setErrs = { [jti!]: { err: 'invalid_issuer', description: 'we know no such issuer' } };
  assert.deepEqual((await receiver.poll(id, { setErrs, returnImmediately: true })).sets, {});
  const text = await house.carol.operator.log.export({ details: true });
  const lines = await read(text);
  assert.match(lines, /signal\.not-taken/);
  assert.match(lines, /we know no such issuer/);
});

async function read(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  return all;
}

test('§2.2 without returnImmediately the answer waits for an event', async () => {
  const id = await stream();
  const began = performance.now();
  const waiting = receiver.poll(id, {});
  setTimeout(() => void endTask(), 600);
  const { sets } = await waiting;
  assert.equal(Object.keys(sets).length, 1);
  assert.ok(performance.now() - began >= 500);
});

test('§2.4 what waits survives a restart of the plane, and what happened before it is told after it', async () => {
  const id = await stream();
  await endTask();
  const before = Object.keys((await receiver.poll(id)).sets);
  await endTask();
  await house.restart();
  const after = Object.keys((await receiver.poll(id)).sets);
  assert.equal(after.length, 2);
  assert.equal(after[0], before[0]);
});
