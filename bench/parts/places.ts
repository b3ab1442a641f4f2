import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The root of the checkout. */
export const root = join(import.meta.dirname, '../..');
/** The same as modules name themselves. */
export const sourceRoot = `${pathToFileURL(root).href}/`;
/** What the bench installs and keeps; not part of the project. */
export const benchFolder = join(root, '.bench');

const scratch = new Set<string>();
const scratchName = /^run-(\d+)-/;

/** A folder that is gone when this process is. On the disk of the checkout: elsewhere a write may never reach a disk. */
export function scratchFolder(): string {
  mkdirSync(benchFolder, { recursive: true });
  if (scratch.size === 0) removeLeftovers();
  const folder = mkdtempSync(join(benchFolder, `run-${process.pid}-`));
  scratch.add(folder);
  return folder;
}

export function removeScratch(): void {
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
}

/** What a run left that was killed before it could tidy up. */
function removeLeftovers(): void {
  for (const name of readdirSync(benchFolder)) {
    const owner = scratchName.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(join(benchFolder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
