import { type Explained, explains } from './explained.ts';
import type { Outcome, Tried } from './try-mutants.ts';

/** Of 100 mutants of a kernel, so many must be noticed by its tests. */
export const noticedMin = 85;

export type Survivor = Tried & { /** Why it may stay, where somebody said so. */ readonly because: string | null };

export type Score = {
  readonly kernel: string;
  readonly counts: Readonly<Record<Outcome | 'mutants' | 'explained', number>>;
  /** Killed or endless, of a hundred. */
  readonly noticed: number;
  /** The same, without the mutants that are explained. */
  readonly noticedOfRest: number;
  readonly survivors: readonly Survivor[];
  /** Explanations of a kernel's file that fit no survivor: the mutant is gone, or a test notices it. */
  readonly stale: readonly Explained[];
  readonly seconds: number;
};

export function scoreOf(kernel: string, tried: readonly Tried[], known: readonly Explained[], seconds: number): Score {
  const of = (outcome: Outcome) => tried.filter((one) => one.outcome === outcome);
  const left = tried.filter(({ outcome }) => outcome === 'survived' || outcome === 'unreached');
  const survivors = left.map((one) => ({
    ...one,
    because: known.find((each) => explains(each, one.mutant))?.because ?? null,
  }));
  const files = new Set(tried.map(({ mutant }) => mutant.file));
  const noticed = tried.length - left.length;
  const explainedCount = survivors.filter(({ because }) => because !== null).length;
  return {
    kernel,
    counts: {
      mutants: tried.length,
      killed: of('killed').length,
      timeout: of('timeout').length,
      survived: of('survived').length,
      unreached: of('unreached').length,
      explained: explainedCount,
    },
    noticed: share(noticed, tried.length),
    noticedOfRest: share(noticed, tried.length - explainedCount),
    survivors,
    stale: known.filter((each) => files.has(each.file) && !left.some(({ mutant }) => explains(each, mutant))),
    seconds,
  };
}

/** Of a hundred, rounded down: what is just below a bound is not above it. */
const share = (part: number, whole: number) => (whole === 0 ? 100 : Math.floor((part / whole) * 1000) / 10);

const shownMax = 100;
const short = (text: string) => {
  const flat = text.replaceAll(/\s+/g, ' ');
  return flat.length > shownMax ? `${flat.slice(0, shownMax)}…` : flat;
};

/** One kernel: what survived, where, and why it may. */
export function asText({ kernel, survivors, stale }: Score): string {
  return [
    `\n${kernel}`,
    ...survivors.map(({ mutant: { file, line, kind, original, replacement }, outcome, because }) => {
      const change = `${short(original)}  →  ${replacement === '' ? '(nothing)' : short(replacement)}`;
      return `  ${file}:${line}  ${kind}${outcome === 'unreached' ? ', unreached' : ''}\n      ${change}${because === null ? '' : `\n      explained: ${because}`}`;
    }),
    ...stale.map(
      ({ file, within, original, replacement }) =>
        `  explains no survivor: ${file}: ${short(original)} → ${short(replacement)} in ${short(within)}`,
    ),
  ].join('\n');
}

const columns = [
  ['kernel', ({ kernel }: Score) => kernel],
  ['mutants', ({ counts }: Score) => counts.mutants],
  ['killed', ({ counts }: Score) => counts.killed],
  ['endless', ({ counts }: Score) => counts.timeout],
  ['survived', ({ counts }: Score) => counts.survived + counts.unreached],
  ['explained', ({ counts }: Score) => counts.explained],
  ['noticed', ({ noticed }: Score) => `${noticed.toFixed(1)} %`],
  ['without explained', ({ noticedOfRest }: Score) => `${noticedOfRest.toFixed(1)} %`],
  ['seconds', ({ seconds }: Score) => Math.round(seconds)],
] as const;

/** Kernels, as a table that is Markdown too. */
export function asTable(scores: readonly Score[], shown: readonly (typeof columns)[number][] = columns): string {
  const rows = [shown.map(([name]) => name), ...scores.map((score) => shown.map(([, of]) => String(of(score))))];
  const widths = shown.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`);
  return [lines[0], `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.slice(1)].join('\n');
}

export function asJson(scores: readonly Score[], seconds: number): string {
  return JSON.stringify({ noticedMin, seconds, kernels: scores }, null, 2);
}

/** docs/mutation.md: the figures of the last whole run that somebody kept, without what depends on the machine. */
export function asDocument(scores: readonly Score[]): string {
  return [
    '# Mutation tests of the kernels',
    '',
    'Written by `npm run test:mutation -- --write`; [CONTRIBUTING.md](../CONTRIBUTING.md) says what it does. *Noticed*: of a hundred small',
    'changes, how many make a test fail or never end. The last column leaves out the changes that are explained: nothing that they',
    'change can be seen from outside.',
    '',
    asTable(scores, columns.slice(0, -1)),
    '',
  ].join('\n');
}
