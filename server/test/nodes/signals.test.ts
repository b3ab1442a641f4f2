// Three planes run on one database: exactly one of them sends what a receiver hears, and another takes over when it is gone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { allEvents, openEndpoint, openReceiver, push } from '../conformance/ssf/receiver.ts';
import { openSeveral, type Several } from './several.ts';

describe('signals of several nodes', { skip: noPostgres }, () => {
  let several: Several;
  let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
  before(async () => {
    const env = { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8', AMBIT_NODE_LOST_MS: '3000' };
    several = await openSeveral({ env });
    endpoint = await openEndpoint();
  });
  after(async () => {
    await several.close();
    await endpoint.close();
  });

  const told = () =>
    endpoint.heard.map(({ set }) => {
      const { jti, sub_id } = decodeJwt(set);
      return { jti: jti!, task: (sub_id as { session: { id: string } }).session.id };
    });

  test('each event is sent once, however many nodes follow the log, and by another node when the sender is killed', async () => {
    const { house } = several;
    const sender = await several.launch('sender');
    await several.join('third');
    const receiver = await openReceiver(house);
    const end = async () => {
      const task = await house.openTask();
      await house.alice.operator.tasks.revoke(task, 'over');
      return task;
    };
    // A stream is kept by the node that has something to send for it first: made over more than a second, each node gets some.
    const streams = 8;
    for (let i = 0; i < streams; i++) {
      const delivery = { method: push, endpoint_url: `${endpoint.url}/${i}` };
      await receiver.create({ delivery, events_requested: allEvents });
      await end();
      await sleep(170);
    }
    const expected = (streams * (streams + 1)) / 2;
    await endpoint.until(expected);
    await sleep(2500);
    assert.equal(endpoint.heard.length, expected, 'nothing came twice');
    assert.equal(new Set(told().map(({ jti }) => jti)).size, expected);
    await sender.kill();
    const more = await end();
    await endpoint.until(expected + streams);
    assert.equal(told().filter(({ task }) => task === more).length, streams, 'every stream goes on');
  });
});
