import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './instrument.ts';

/** A change that no test notices and that may stay: nothing that it changes can be seen from outside, and this says why. */
export type Explained = {
  readonly file: string;
  /** The line it is on, without the blanks around it: lines move, their text says which one is meant. */
  readonly within: string;
  readonly original: string;
  readonly replacement: string;
  readonly because: string;
};

/** Whether this mutant is the one that is meant; the same change twice on one line is meant twice. */
export const explains = ({ file, within, original, replacement }: Explained, mutant: Mutant): boolean =>
  mutant.file === file &&
  mutant.within === within &&
  mutant.original === original &&
  mutant.replacement === replacement;

/** By file: a line, what of it is changed into what, and why that can't be seen. */
type Written = {
  readonly [file: string]: readonly {
    readonly within: string;
    readonly changes: { readonly [original: string]: readonly string[] };
    readonly because: string;
  }[];
};

const written = JSON.parse(readFileSync(join(import.meta.dirname, 'explained.json'), 'utf8')) as Written;

export const explained: readonly Explained[] = Object.entries(written).flatMap(([file, lines]) =>
  lines.flatMap(({ within, changes, because }) =>
    Object.entries(changes).flatMap(([original, replacements]) =>
      replacements.map((replacement) => ({ file, within, original, replacement, because })),
    ),
  ),
);
