import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { TenantId } from '@ambit/protocol';
import { readDetail } from '../audit/index.ts';
import { asRefusal, type Fields, type Ground, type StoredEntry } from '../foundation/index.ts';
import { type Change, changesIn, needsDetail } from './changes-in.ts';

/** Changes of one tenant between two lengths of the log, in order; `gap` where they are too many to be told. */
export type Followed = { readonly until: number; readonly changes: readonly Change[] | 'gap' };

/** What was written lately, looked for while anybody wants to know: nobody is told by those who write. */
export type LogFollower = {
  /** Resolves when the log is longer than that, when the time is over, when the caller has gone, or when the store fails: who waits looks then. */
  longerThan(size: number, milliseconds: number, gone: AbortSignal): Promise<void>;
  size(): Promise<number>;
  since(tenant: TenantId, from: number): Promise<Followed>;
  stop(): void;
};

/** How often the head is looked at: what another node committed is heard as soon as what this one did. */
export const lookMilliseconds = 75;
const pageMax = 1000;
/** Further back, reading anew is cheaper than being told. */
const behindMax = 5000;
const keptMax = 64;

export function followLog(ground: Ground, every = lookMilliseconds): LogFollower {
  const { log } = ground.database;
  const waiting = new Map<() => void, number>();
  /** Streams of one tenant wake together, and want the same: it is read once. */
  const kept = new Map<string, Promise<readonly Change[]>>();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const head = await log.head().catch((error: unknown) => asRefusal(error));
    for (const [wake, size] of waiting) if (head instanceof Error || head.size > size) wake();
    if (waiting.size > 0) timer = setTimeout(look, every);
    else timer = undefined;
  }

  function read(tenant: TenantId, from: number, until: number): Promise<readonly Change[]> {
    const name = `${tenant}|${from}|${until}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    const made = changesBetween(ground, tenant, from, until);
    kept.set(name, made);
    made.catch(() => kept.delete(name));
    const oldest = kept.keys().next().value;
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    return made;
  }

  return {
    longerThan(size, milliseconds, gone) {
      if (gone.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          clearTimeout(late);
          gone.removeEventListener('abort', wake);
          resolve();
        };
        const late = setTimeout(wake, milliseconds);
        waiting.set(wake, size);
        gone.addEventListener('abort', wake);
        timer ??= setTimeout(look, every);
      });
    },
    size: async () => (await log.head()).size,
    async since(tenant, from) {
      const began = performance.now();
      const until = (await log.head()).size;
      await heardSince(ground, began);
      if (until - from > behindMax) return { until, changes: 'gap' };
      return { until, changes: from >= until ? [] : await read(tenant, from, until) };
    },
    stop() {
      clearTimeout(timer);
      for (const wake of waiting.keys()) wake();
    },
  };
}

const hearMillisecondsMax = 1000;

/**
 * Rows that other nodes changed are known here a moment after the entries that tell it. Who is told reads anew at once,
 * and would read what was before. Where nothing is heard any more, reads ask the store itself.
 */
async function heardSince({ database }: Ground, began: number): Promise<void> {
  for (let passed = 0; database.sinceHeardMs() > passed && passed < hearMillisecondsMax; ) {
    await setTimeoutPromise(10);
    passed = performance.now() - began;
  }
}

async function changesBetween(
  ground: Ground,
  tenant: TenantId,
  from: number,
  until: number,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (let next = from; next < until; ) {
    const page = await ground.database.log.entries(tenant, { from: next, until, limit: pageMax });
    for (const one of page) changes.push(...changesIn(one.header, detailOf(ground, one)));
    next = page.length < pageMax ? until : (page.at(-1)?.index ?? until) + 1;
  }
  return changes;
}

function detailOf(ground: Ground, entry: StoredEntry): Fields | null {
  if (!needsDetail(entry.header)) return null;
  const read = readDetail(ground.database.log, entry);
  return typeof read === 'string' ? null : (read.detail as Fields);
}
