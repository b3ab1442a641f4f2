import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readDenialParts } from '@ambit/protocol';
import { type Database, Refusal } from '../foundation/index.ts';
import { closeShared } from '../tokens/testing.ts';
import { refuseCall } from './refuse.ts';
import type { Rooms } from './rooms.ts';
import { openGateway, refundCall, type TestGateway } from './testing.ts';

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(closeShared);

const because = 'books (The books are closed.)';
const byRule = {
  code: 'policy.denied',
  because,
  parts: { is: 'rules', why: 'forbid', cuts: [7, 28] },
  says: null,
} as const;

/** What the gateway needs of the other rooms to refuse, in front of a store whose next commit fails in that way. */
function roomsWhere(fails: (database: Database) => Error | null): Rooms {
  const { ground, issuer } = gateway.plane;
  let error = fails(ground.database);
  const failsOnce: Database = {
    ...ground.database,
    commit(...unit) {
      const failed = error;
      error = null;
      return failed === null ? ground.database.commit(...unit) : Promise.reject(failed);
    },
  };
  const rooms: Partial<Rooms> = {
    ground: { ...ground, database: failsOnce },
    nodes: { isStanding: () => true } as Rooms['nodes'],
    watch: { learn: () => undefined } as unknown as Rooms['watch'],
    tags: { issuer: issuer.url } as Rooms['tags'],
    runOf: async (_tenant, task) => task,
  };
  return rooms as Rooms;
}

async function refusedWhere(fails: (database: Database) => Error | null, denied: Parameters<typeof refuseCall>[3]) {
  const { asking } = await gateway.acting();
  const ruled = await refuseCall(roomsWhere(fails), asking, refundCall(gateway), denied);
  assert.ok(ruled.kind === 'refused' && ruled.entry !== undefined);
  const found = await gateway.plane.ground.database.log.entry(asking.tenant, ruled.entry);
  assert.ok(found);
  return { heard: ruled.refusal.code, detail: gateway.plane.ground.database.log.open(found)?.detail ?? {} };
}

test('a denial is kept with the parts that it is told in', async () => {
  const { detail } = await refusedWhere(() => null, byRule);
  assert.deepEqual([detail.because, readDenialParts(detail.denied)], [because, byRule.parts]);
});

test('a refusal that was thrown is kept with its values', async () => {
  const thrown = new Refusal('agent.expired', 'agent agt_1 has expired').with({ values: { until: 7 } });
  const { detail } = await refusedWhere(() => null, thrown);
  assert.deepEqual(readDenialParts(detail.denied), { is: 'code', values: { until: 7 } });
});

test('a denial whose text gives way to a fault of its writing keeps no parts, which would cut another text', async () => {
  const { heard, detail } = await refusedWhere(() => new Error('the disk is odd, and says so at length'), byRule);
  assert.equal(heard, 'plane.fault');
  assert.equal(detail.because, 'Error: the disk is odd, and says so at length');
  assert.deepEqual(readDenialParts(detail.denied), { is: 'code' });
});
