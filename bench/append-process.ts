/** Appending entries durably, by the plane's own store and by a bare writer, with the same number of callers waiting. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { formatId } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import { type Ground, openSqlite, randomId, systemClock } from '../server/src/foundation/index.ts';
import { answerAsks } from './parts/answering.ts';
import { decidedEntry } from './parts/decided-entry.ts';

const tenant = formatId('tenant', new Uint8Array(13).fill(7));

type Append = () => Promise<unknown>;
let sides: Readonly<Record<string, Append>> = {};
let directory = '';

answerAsks({
  async start({ folder }: { readonly folder: string }) {
    directory = join(folder, 'data');
    mkdirSync(directory, { recursive: true });
    const ground = await openGround(directory);
    const append = () => ground.database.commit({ tenant, entries: [decidedEntry(ground.newId('entry'))] });
    for (let i = 0; i < 100; i++) await append();
    const bytes = rowBytes(directory);
    sides = { ours: append, 'bare-writer': await bareWriter(join(folder, 'bare.db'), bytes) };
    return { rowBytes: bytes };
  },
  /** Appends per second of each side in each round, one side after the other. */
  async measure({ callers, rounds, milliseconds, only }: Measuring) {
    const rates: Record<string, number[]> = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const [name, append] of Object.entries(sides)) {
        if (only !== undefined && name !== only) continue;
        const rate = await perSecond(append, callers, milliseconds);
        if (round >= 0) rates[name]?.push(rate);
      }
    }
    return rates;
  },
});

type Measuring = {
  readonly callers: number;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly only?: string;
};

async function openGround(folder: string): Promise<Ground> {
  const detailKey = crypto.getRandomValues(new Uint8Array(32));
  return {
    database: await openSqlite({ directory: folder, detailKey, clock: systemClock }),
    clock: systemClock,
    newId: randomId,
  };
}

/** What one entry takes in its row: the bare writer writes as much. */
function rowBytes(folder: string): number {
  const file = new Sqlite(join(folder, 'ambit.db'), { readonly: true });
  try {
    const sum = 'length(header) + length(detail) + length(leaf) + length(tenant) + length(id) + length(kind)';
    const row = file.prepare(`SELECT avg(${sum}) AS bytes FROM entries`).get() as { bytes: number };
    return Math.round(row.bytes);
  } finally {
    file.close();
  }
}

async function bareWriter(file: string, bytes: number): Promise<Append> {
  const worker = new Worker(new URL('./bare-writer-thread.ts', import.meta.url), { workerData: { file } });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const waiting = new Map<number, () => void>();
  let last = 0;
  worker.on('message', (ids: readonly number[]) => {
    for (const id of ids) {
      waiting.get(id)?.();
      waiting.delete(id);
    }
  });
  return () =>
    new Promise<void>((resolve) => {
      const body = new Uint8Array(bytes);
      body.set([last & 255, (last >> 8) & 255], 0);
      waiting.set(++last, resolve);
      worker.postMessage({ id: last, body });
    });
}

async function perSecond(append: Append, callers: number, milliseconds: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  const caller = async () => {
    while (performance.now() - started < milliseconds) {
      await append();
      count++;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (count / (performance.now() - started)) * 1000;
}
