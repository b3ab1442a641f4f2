import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect } from '@ambit/sdk';
import { anchorsIn, verifyExport } from '../../server/src/audit/index.ts';
import { serve } from '../../server/src/main.ts';
import { type House, openHouse, order } from '../../server/test/house.ts';
import { rawAgent } from '../../server/test/raw-agent.ts';
import { seedAgents, seedEntries } from './seed.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
// The house's own look at its log wants every detail, to add up what was spent: of seeded entries there is none.
after(async () => {
  await house.plane.close();
  await house.shop.close();
  rmSync(house.directory, { recursive: true, force: true });
});

test('a store that was filled for measuring verifies, and its agents can call', async () => {
  const { refundBot, carol } = house;
  const task = await house.openTask();
  await (await rawAgent(house, refundBot)).accept(task);
  const { tenant } = await carol.operator.me();
  const like = { tenant, agent: refundBot.id, key: refundBot.key, proofKey: refundBot.key, task };
  const made = await whileClosed(async () => {
    const [first] = await seedAgents(house.config, { count: 20, callers: 1, like });
    seedEntries(house.config, { count: 1000, tenant });
    return first;
  });

  const anchors = anchorsIn(readFileSync(house.config.checkpointFile, 'utf8'), house.config.checkpointFile);
  const { ok, findings, entries } = await verifyExport(await carol.operator.log.export({ rows: true }), { anchors });
  assert.deepEqual(findings, []);
  assert.ok(ok && entries > 1020);
  assert.ok(made);
  const held = await connect({ url: house.plane.agents, agent: made.agent, key: made.key, dpopKey: made.proofKey });
  const read = await (await held.accept(made.task)).fetch(`/api/shop/orders/${order}`);
  assert.equal(read.status, 200, await read.text());
});

/** The store is nobody's in the meantime; the plane comes back where it was. */
async function whileClosed<T>(work: () => Promise<T>): Promise<T> {
  const [agentPort, peoplePort] = [house.plane.agents, house.plane.people].map((url) => Number(new URL(url).port));
  await house.plane.close();
  try {
    return await work();
  } finally {
    house.plane = await serve({ ...house.config, agentPort: agentPort!, peoplePort: peoplePort! });
  }
}
