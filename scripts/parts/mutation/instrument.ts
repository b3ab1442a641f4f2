import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** One small change to a kernel that some test should notice. */
export type Mutant = {
  readonly id: string;
  /** From the root of the checkout. */
  readonly file: string;
  readonly line: number;
  /** The kind of change, as Stryker names it. */
  readonly kind: string;
  readonly original: string;
  readonly replacement: string;
  /** The line on which it begins, without the blanks around it. */
  readonly within: string;
};

/** Files with all of their mutants inside, asleep until one is named; by the URL under which they are imported. */
export type Instrumented = { readonly sources: Readonly<Record<string, string>>; readonly mutants: readonly Mutant[] };

const silent = () => undefined;
const off = () => false;
const logger = {
  ...{ isTraceEnabled: off, isDebugEnabled: off, isInfoEnabled: off },
  ...{ isWarnEnabled: off, isErrorEnabled: off, isFatalEnabled: off },
  ...{ trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
};

export function expand(root: string, patterns: readonly string[]): string[] {
  return [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: root })))].sort();
}

export async function instrument(root: string, files: readonly string[]): Promise<Instrumented> {
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const given = [...texts].map(([name, content]) => ({ name, content, mutate: true }));
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: false };
  const { files: made, mutants } = await new Instrumenter(logger).instrument(given, options);
  return {
    sources: Object.fromEntries(made.map(({ name, content }) => [pathToFileURL(join(root, name)).href, content])),
    mutants: mutants.map(({ id, fileName, mutatorName, replacement, location }) => {
      const lines = texts.get(fileName)!.split('\n');
      return {
        id,
        file: fileName,
        line: location.start.line + 1,
        kind: mutatorName,
        original: textBetween(lines, location),
        replacement,
        within: lines[location.start.line]!.trim(),
      };
    }),
  };
}

type Place = { readonly line: number; readonly column: number };

function textBetween(lines: readonly string[], { start, end }: { start: Place; end: Place }): string {
  const taken = lines.slice(start.line, end.line + 1);
  const last = taken.length - 1;
  return taken.map((text, i) => text.slice(i === 0 ? start.column : 0, i === last ? end.column : undefined)).join('\n');
}
