import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatId, type WorkloadKind } from '@ambit/protocol';
import { backends, type TestStore } from '../foundation/database/testing.ts';
import { entry, planeItself } from '../foundation/index.ts';
import { decisionStats } from './decision-stats.ts';
import { acme, neighbour } from './testing.ts';

const bot = formatId('agent', new Uint8Array(13).fill(3));

type Said = {
  readonly kind?: WorkloadKind;
  readonly decision: 'permit' | 'ask' | 'deny' | null;
  readonly action?: string;
  readonly nobody?: true;
};

async function decide({ ground }: TestStore, said: Said, tenant = acme): Promise<void> {
  const { kind, decision, action = 'shop:orders.get', nobody } = said;
  const who = { ...planeItself, agent: nobody ? null : bot, ...(kind === undefined ? {} : { kind }) };
  const told = entry({ id: ground.newId('entry'), kind: 'call.decided', who, action, decision });
  await ground.database.commit({ tenant, entries: [told] });
}

for (const backend of backends) {
  describe(`decisions counted from the log of the ${backend.name} store`, { skip: backend.skip }, () => {
    test('each kind has its permits, asks and denials; entries that name none are of agents', async (t) => {
      const store = await backend.open();
      t.after(() => store.close());
      const since = store.ground.clock();
      const all: readonly Said[] = [
        { kind: 'client', decision: 'permit' },
        { kind: 'client', decision: 'ask' },
        { kind: 'service', decision: 'deny', action: 'shop:refunds.create' },
        { kind: 'agent', decision: 'permit' },
        { decision: 'permit' },
        { decision: 'deny', nobody: true },
        { decision: null },
      ];
      for (const one of all) await decide(store, one);
      await decide(store, { kind: 'partner', decision: 'permit' }, neighbour);
      const until = store.ground.clock() + 1;
      const stats = await decisionStats(store.ground, acme, { by: 'kind', since, until });
      assert.equal(stats.decisions, 6);
      assert.deepEqual(Object.fromEntries(stats.rows.map(({ name, ...tally }) => [name, tally])), {
        client: { permit: 1, ask: 1, deny: 0 },
        service: { permit: 0, ask: 0, deny: 1 },
        agent: { permit: 2, ask: 0, deny: 0 },
        unknown: { permit: 0, ask: 0, deny: 1 },
      });
      const byAction = await decisionStats(store.ground, acme, { by: 'action', since, until });
      assert.deepEqual(
        byAction.rows.map(({ name, permit, ask, deny }) => [name, permit + ask + deny]),
        [
          ['shop:orders.get', 5],
          ['shop:refunds.create', 1],
        ],
      );
    });

    test('only the span counts, and one with too many decisions is refused', async (t) => {
      const store = await backend.open();
      t.after(() => store.close());
      await decide(store, { decision: 'deny' });
      store.ground.clock.advance(30_000);
      const since = store.ground.clock();
      for (let i = 0; i < 3; i++) await decide(store, { decision: 'permit' });
      store.ground.clock.advance(1000);
      const until = store.ground.clock();
      await decide(store, { decision: 'ask' });
      const { rows } = await decisionStats(store.ground, acme, { by: 'kind', since, until }, 3);
      assert.deepEqual(rows, [{ name: 'agent', permit: 3, ask: 0, deny: 0 }]);
      const refused = decisionStats(store.ground, acme, { by: 'kind', since, until }, 2);
      await assert.rejects(refused, { code: 'log.span_too_long' });
    });
  });
}
