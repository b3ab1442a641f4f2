// Mallory's firm is on the same plane and hears of its own: she tries to hear of ours, by our stream or through hers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectOperator, enrol, newKey, type Operator } from '@ambit/sdk/operator';
import { allEvents, openReceiver, poll } from '../conformance/ssf/receiver.ts';
import { type House, openHouse } from '../house.ts';
import { foundUmbra } from './neighbours.ts';

let house: House;
let mallory: Operator;
before(async () => {
  house = await openHouse();
  const code = await foundUmbra(house);
  const key = await newKey();
  const { person } = await enrol({ url: house.plane.people, code, key });
  mallory = await connectOperator({ url: house.plane.people, person, key });
});
after(() => house.close());

test('a receiver of another tenant neither reads nor changes our stream, and cannot tell that it exists', async () => {
  const ours = await openReceiver(house);
  const theirs = await openReceiver(house, mallory, 'theirs');
  const { stream_id } = await ours.create({ delivery: { method: poll }, events_requested: allEvents });
  await house.alice.operator.tasks.revoke(await house.openTask(), 'over');
  const { configuration_endpoint, status_endpoint, verification_endpoint } = ours.metadata;
  const absent = 'str_0123456789abcdefghjk';
  const attempts = (id: string) =>
    [
      ['GET', `${configuration_endpoint}?stream_id=${id}`, undefined],
      ['PATCH', configuration_endpoint!, { stream_id: id, events_requested: [] }],
      ['DELETE', `${configuration_endpoint}?stream_id=${id}`, undefined],
      ['GET', `${status_endpoint}?stream_id=${id}`, undefined],
      ['POST', status_endpoint!, { stream_id: id, status: 'disabled' }],
      ['POST', verification_endpoint!, { stream_id: id }],
      ['POST', `${house.plane.agents}/ssf/poll/${id}`, { returnImmediately: true }],
    ] as const;
  for (const [i, [method, url, body]] of attempts(stream_id).entries()) {
    const [, nowhere, same] = attempts(absent)[i]!;
    const [foreign, none] = [await theirs.ask(method, url, body), await theirs.ask(method, nowhere!, same)];
    assert.deepEqual([foreign.status, none.status], [404, 404], `${method} ${url}`);
    const said = async (response: Response) => ((await response.json()) as { detail: string }).detail;
    assert.equal(await said(foreign), await said(none));
  }
  assert.deepEqual(await (await theirs.ask('GET', configuration_endpoint!)).json(), []);
  assert.equal(Object.keys((await ours.poll(stream_id)).sets).length, 1, 'ours is as it was');
  assert.deepEqual(await mallory.signals.streams(), []);
});

test('her own stream hears nothing of us, whatever subject she adds to it', async () => {
  const theirs = await openReceiver(house, mallory, 'curious');
  const { stream_id } = await theirs.create({ delivery: { method: poll }, events_requested: allEvents });
  const { tenant } = await house.ada.operator.me();
  for (const subject of [
    { format: 'iss_sub', iss: house.plane.agents, sub: house.refundBot.id },
    { format: 'complex', tenant: { format: 'opaque', id: tenant } },
  ]) {
    const answer = await theirs.ask('POST', theirs.metadata.add_subject_endpoint!, { stream_id, subject });
    assert.equal(answer.status, 200, 'she learns nothing from the answer either');
  }
  await house.alice.operator.tasks.revoke(await house.openTask(), 'over');
  await house.alice.operator.agents.suspend(house.refundBot.id, 'odd');
  assert.deepEqual((await theirs.poll(stream_id)).sets, {});
});
