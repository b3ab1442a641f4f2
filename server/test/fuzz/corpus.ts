import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, type Input, inputOf } from './target.ts';

/**
 * The inputs that are kept, a folder a target: some written by hand, `kept-…` for each outcome that a long run came
 * by, and `found-…` that once broke something. What was found is replayed before all else.
 */
const folder = join(import.meta.dirname, 'corpus');

export function readCorpus(name: string): Input[] {
  const place = join(folder, name);
  if (!existsSync(place)) return [];
  const files = readdirSync(place).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return files.map((file) => inputOf(readFileSync(join(place, file))));
}

const rank = (file: string) => (file.startsWith('found-') ? 0 : 1);

/** Writes the input into the corpus and answers where. */
export function keep(name: string, why: 'found' | 'kept', input: Input): string {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const digest = createHash('sha256').update(bytesOf(input)).digest('hex').slice(0, 12);
  const file = join(place, `${why}-${digest}.txt`);
  writeFileSync(file, bytesOf(input));
  return file;
}
