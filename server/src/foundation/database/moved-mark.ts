import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreFault } from '../errors.ts';

/** Lies beside an embedded store that was carried over: whoever started it again would begin a second history. */
const markName = 'moved.txt';

export const markMoved = (directory: string, where: string): void =>
  writeFileSync(join(directory, markName), `This store was moved to ${where}.\n`, { mode: 0o600, flush: true });

export const unmarkMoved = (directory: string): void => rmSync(join(directory, markName), { force: true });

export function requireNotMoved(directory: string): void {
  const mark = join(directory, markName);
  if (!existsSync(mark)) return;
  throw new StoreFault(
    `${readFileSync(mark, 'utf8').trim()} Set AMBIT_STORE to it. To go back to ${directory} as it was then, remove ${mark}: ` +
      'what was written since the move stays where it is',
  );
}
