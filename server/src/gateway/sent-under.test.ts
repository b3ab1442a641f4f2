import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type EntryId, formatId, type TaskId, type TenantId } from '@ambit/protocol';
import { backends, type TestStore } from '../foundation/database/testing.ts';
import { entry, planeItself, randomId } from '../foundation/index.ts';
import { addSent, dropSent, sentUnder } from './store.ts';

const idOf = (kind: 'tenant' | 'task', seed: number) => formatId(kind, new Uint8Array(13).fill(seed));
const acme = idOf('tenant', 1) as TenantId;
const [task, other] = [idOf('task', 1) as TaskId, idOf('task', 2) as TaskId];

for (const backend of backends) {
  describe(`calls under way on ${backend.name}`, { skip: backend.skip }, () => {
    let store: TestStore;
    beforeEach(async () => {
      store = await backend.open();
    });
    afterEach(() => store.close());

    async function letOut(of: TaskId, tenant = acme): Promise<EntryId> {
      const id = randomId('entry');
      const about = { process: 'node', who: planeItself, task: of, run: of, action: 'shop:refunds.create', keys: [] };
      await store.ground.database.commit({
        tenant,
        changes: [addSent({ entry: id, ...about, effect: null, callerLeft: 0, alone: null })],
        entries: [entry({ id, kind: 'call.decided', who: planeItself, task: of, run: of, decision: 'permit' })],
      });
      return id;
    }

    async function tellOutcome(about: EntryId, of: TaskId, tenant = acme): Promise<void> {
      const told = { kind: 'call.outcome', who: planeItself, task: of, run: of, about, code: 'unknown' } as const;
      const entries = [entry({ id: randomId('entry'), ...told })];
      await store.ground.database.commit({ tenant, changes: [dropSent(about)], entries });
    }

    /** The index of the entry that ends the task. */
    async function end(): Promise<number> {
      const ended = entry({ id: randomId('entry'), kind: 'task.ended', who: planeItself, task, run: task });
      const { entries } = await store.ground.database.commit({ tenant: acme, entries: [ended] });
      return entries[0]?.index ?? assert.fail('no entry was written');
    }

    test('one of which the outcome was told since the end of its task was under way when it ended', async () => {
      const [before, cut, open] = [await letOut(task), await letOut(task), await letOut(task)];
      await tellOutcome(before, task);
      const since = await end();
      await tellOutcome(cut, task);
      assert.deepEqual(await sentUnder(store.ground, acme, [task]), [open]);
      assert.deepEqual(new Set(await sentUnder(store.ground, acme, [task], since)), new Set([cut, open]));
    });

    test('calls of other tasks and other tenants are none of it', async () => {
      const neighbour = idOf('tenant', 2) as TenantId;
      const [beside, theirs] = [await letOut(other), await letOut(task, neighbour)];
      const since = await end();
      await tellOutcome(beside, other);
      await tellOutcome(theirs, task, neighbour);
      assert.deepEqual(await sentUnder(store.ground, acme, [task], since), []);
    });

    test('however many outcomes of others were told meanwhile', async () => {
      const cut = await letOut(task);
      const since = await end();
      const about = randomId('entry');
      const many = Array.from({ length: 1001 }, () =>
        entry({ id: randomId('entry'), kind: 'call.outcome', who: planeItself, task: other, run: other, about }),
      );
      await store.ground.database.commit({ tenant: acme, entries: many });
      await tellOutcome(cut, task);
      assert.deepEqual(await sentUnder(store.ground, acme, [task], since), [cut]);
    });
  });
}
