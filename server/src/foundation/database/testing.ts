import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Ground } from '../ground.ts';
import { randomId } from '../ids.ts';
import { openBox, sealBox } from '../keys/keys.ts';
import type { Database } from './database.ts';
import { openSqlite } from './sqlite.ts';

/** A clock that stands still until it is told to move. */
export type HandClock = Clock & { advance(milliseconds: number): void };

export function handClock(start = Date.UTC(2026, 0, 5, 9, 0, 0)): HandClock {
  let now = start;
  return Object.assign(() => now, {
    advance(milliseconds: number) {
      now += milliseconds;
    },
  });
}

export type TestStore = {
  readonly ground: Ground & { clock: HandClock };
  readonly directory: string;
  close(): Promise<void>;
};

/** A real embedded store in a folder of its own, for tests. */
export async function openTestStore(clock: HandClock = handClock()): Promise<TestStore> {
  const directory = mkdtempSync(join(tmpdir(), 'ambit-store-'));
  const database = await openTestDatabase(directory, clock);
  return {
    ground: { database, clock, newId: randomId },
    directory,
    async close() {
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
}

const key = randomBytes(32);

export function openTestDatabase(directory: string, clock: Clock): Promise<Database> {
  const seal = {
    seal: (plain: Uint8Array, additional: string) => sealBox(key, plain, additional),
    open: (box: Uint8Array, additional: string) => openBox(key, box, additional),
  };
  return openSqlite({ directory, seal, clock });
}

/** Every backend that the promises are held against. A second store joins by one more line. */
export const backends: readonly { readonly name: string; readonly open: typeof openTestStore }[] = [
  { name: 'sqlite', open: openTestStore },
];
