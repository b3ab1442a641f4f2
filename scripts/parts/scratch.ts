import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const inMemory = '/dev/shm';
const bytesMin = 2 * 1024 ** 3;

/**
 * Where tests write: in memory, where there is such a place with room for it. On a disk, most of the time in which a plane opens is
 * waiting for that disk. What is durable after the power went is the word of the disk, which no test here can ask for.
 */
export function placeForScratch(): string {
  if (process.env.TMPDIR !== undefined || !existsSync(inMemory)) return tmpdir();
  const { bavail, bsize } = statfsSync(inMemory);
  return bavail * bsize >= bytesMin && runsPrograms(inMemory) ? inMemory : tmpdir();
}

/** Tests start programs from there, and some machines forbid it. */
function runsPrograms(place: string): boolean {
  const folder = mkdtempSync(join(place, 'ambit-probe-'));
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(folder, { recursive: true });
  return status === 0;
}
