import { existsSync, readFileSync } from 'node:fs';

/** How many files this process may have open, sockets included; null where the system does not say, or sets no limit. */
export function openFilesMax(): number | null {
  const limits = '/proc/self/limits';
  if (!existsSync(limits)) return null;
  // Node raises the soft limit to the hard one when it starts.
  const max = /^Max open files\s+(\d+)/m.exec(readFileSync(limits, 'utf8'))?.[1];
  return max === undefined ? null : Number(max);
}
