// A receiver asks for its events at an address inside, and a provider publishes its keys there: the plane shall fetch for them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  allEvents,
  openEndpoint,
  openProvider,
  openReceiver,
  push,
  pushTo,
  risc,
} from '../conformance/ssf/receiver.ts';
import { type House, openHouse } from '../house.ts';

let house: House;
let inside: Awaited<ReturnType<typeof openEndpoint>>;
before(async () => {
  house = await openHouse();
  inside = await openEndpoint();
});
after(async () => {
  await house.close();
  await inside.close();
});

test('events are pushed to no address that the operator did not allow; the stream is stopped and says why', async () => {
  const receiver = await openReceiver(house);
  const people = house.plane.people;
  for (const url of [
    inside.url,
    people,
    `${house.plane.agents}/ssf/streams`,
    'http://169.254.169.254/latest/meta-data',
  ]) {
    const { stream_id } = await receiver.create({
      delivery: { method: push, endpoint_url: url },
      events_requested: allEvents,
    });
    await house.alice.operator.tasks.revoke(await house.openTask(), 'over');
    const at = `${receiver.metadata.status_endpoint}?stream_id=${stream_id}`;
    let status: Record<string, unknown> = {};
    for (let tries = 0; tries < 100 && status.status !== 'paused'; tries++) {
      status = (await (await receiver.ask('GET', at)).json()) as Record<string, unknown>;
      await sleep(50);
    }
    assert.equal(status.status, 'paused', url);
    assert.match(String(status.reason), /may not be reached/);
    await receiver.ask('DELETE', `${receiver.metadata.configuration_endpoint}?stream_id=${stream_id}`);
  }
  assert.equal(inside.heard.length, 0);
});

test('an address with a user, a fragment or another scheme is no endpoint', async () => {
  const receiver = await openReceiver(house, house.ada.operator, 'odd');
  for (const url of [
    'http://user:pw@receiver.example/',
    'https://receiver.example/#x',
    'file:///etc/passwd',
    'gopher://x/',
  ])
    assert.equal(
      (
        await receiver.ask('POST', receiver.metadata.configuration_endpoint!, {
          delivery: { method: push, endpoint_url: url },
        })
      ).status,
      400,
      url,
    );
  const header = {
    method: push,
    endpoint_url: 'https://receiver.example/',
    authorization_header: 'Bearer x\r\nHost: y',
  };
  assert.equal(
    (await receiver.ask('POST', receiver.metadata.configuration_endpoint!, { delivery: header })).status,
    400,
  );
});

test('keys are fetched from no address inside, and nothing is believed without them', async () => {
  const idp = await openProvider();
  const { issuer, jwksUrl, audience } = idp;
  const made = await house.ada.operator.signals.register({ name: 'idp', issuer, jwksUrl, audience });
  await house.ada.operator.signals.map(made.id, { iss: issuer, sub: 'alice', person: house.alice.id });
  const response = await pushTo(made.pushTo, await idp.set(`${risc}account-disabled`, 'alice'));
  assert.ok(response.status >= 400, `${response.status}`);
  assert.equal(idp.fetched.keys, 0);
  assert.equal((await house.ada.operator.persons.show(house.alice.id)).state, 'active');
  await idp.close();
});
