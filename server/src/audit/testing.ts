import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EntryHeader, type EntryId, formatId, type TenantId, type Who } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import { openTestDatabase, openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { entry, type Fields, insert, planeItself, table } from '../foundation/index.ts';
import { type CheckpointSettings, type Checkpoints, openCheckpoints } from './checkpoint.ts';
import { logKey } from './log-key.ts';
import type { TracedEntry } from './trace.ts';

/** A governed row of somebody: stands for a grant, a key, a policy. */
type Grant = { readonly id: string; readonly amount: string };
export const grants = table<Grant>('test_grants', {
  columns: { id: 'text', amount: 'text' },
  key: ['id'],
  governed: true,
});

/** Many rows share the first key column. */
type Link = { readonly from: string; readonly to: string };
export const links = table<Link>('test_links', {
  columns: { from: 'text', to: 'text' },
  key: ['from', 'to'],
  governed: true,
});

export const plane = formatId('tenant', new Uint8Array(13));
export const acme = formatId('tenant', new Uint8Array(13).fill(1));
export const neighbour = formatId('tenant', new Uint8Array(13).fill(2));
export const aliceAt = (channel = 'api'): Who => ({ ...planeItself, initiator: 'Alice', channel });

export type TestLog = {
  readonly store: TestStore;
  readonly settings: CheckpointSettings;
  readonly checkpoints: Checkpoints;
  close(): Promise<void>;
};

export async function openTestLog(more: Partial<CheckpointSettings> = {}): Promise<TestLog> {
  const store = await openTestStore();
  const key = logKey('ambit.test/log', generateKeyPairSync('ed25519').privateKey);
  const settings = { plane, key, everyMilliseconds: 5000, secondPlaceFile: null, ...more };
  return {
    store,
    settings,
    checkpoints: await openCheckpoints(store.ground, settings),
    close: () => store.close(),
  };
}

/** An entry as a run is told from it: of the plane itself and about nothing, unless said. */
export function traced(index: number, more: Partial<EntryHeader>, detail: Fields | null = {}): TracedEntry {
  const header: EntryHeader = {
    v: 1,
    id: `ent_${index}` as EntryId,
    tenant: acme,
    at: 1000 + index,
    kind: 'call.decided',
    who: planeItself,
    task: null,
    run: null,
    about: null,
    action: null,
    decision: null,
    code: null,
    keys: [],
    changes: [],
    detailHash: '',
    ...more,
  };
  return { index, header, detail };
}

export const emptyFolder = () => mkdtempSync(join(tmpdir(), 'ambit-second-place-'));

/** Writes one entry of that tenant. */
export async function say(store: TestStore, tenant: TenantId = acme, detail: Fields = {}): Promise<EntryId> {
  const id = store.ground.newId('entry');
  await store.ground.database.commit({ tenant, entries: [entry({ id, kind: 'test.said', who: aliceAt(), detail })] });
  return id;
}

export async function giveGrant(
  store: TestStore,
  id: string,
  amount: string,
  rowOf: TenantId = acme,
  by: TenantId = acme,
) {
  const told = entry({ id: store.ground.newId('entry'), kind: 'test.granted', who: aliceAt() });
  const change = insert(grants, { id, amount }, 'thing.exists', rowOf);
  await store.ground.database.commit({ tenant: by, changes: [change], entries: [told] });
}

/** Mallory has the database file: closes the store, runs SQL on it, and opens it again. */
export async function tamper(log: TestLog, ...sql: string[]): Promise<TestStore> {
  await log.store.ground.database.close();
  const file = new Sqlite(join(log.store.directory, 'ambit.db'));
  for (const statement of sql) file.exec(statement);
  file.close();
  const database = await openTestDatabase(log.store.directory, log.store.ground.clock);
  return { ...log.store, ground: { ...log.store.ground, database }, close: () => database.close() };
}
