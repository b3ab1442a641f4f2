import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The root of the checkout. */
export const root = join(import.meta.dirname, '../..');
/** The same as modules name themselves. */
export const sourceRoot = `${pathToFileURL(root).href}/`;
/** What the bench installs and keeps; not part of the project. */
export const benchFolder = join(root, '.bench');

const scratch = new Set<string>();

/** A folder that is gone when this process is. On the disk of the checkout: elsewhere a write may never reach a disk. */
export function scratchFolder(): string {
  mkdirSync(benchFolder, { recursive: true });
  const folder = mkdtempSync(join(benchFolder, 'run-'));
  scratch.add(folder);
  return folder;
}

export function removeScratch(): void {
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
}
