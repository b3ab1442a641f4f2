import type { TimeGoes } from './profile.ts';
import { rounded } from './statistics.ts';

/** One line of the table: what was measured, beside what, and whether it is what was asked. */
export type Row = {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  /** By peer, in the same unit. The first one is what `ratio` and the aim speak of. */
  readonly beside: Readonly<Record<string, number>>;
  /** `ours` by the first peer; null where there is none. */
  readonly ratio: number | null;
  /** The bound that was asked, in the terms of `asks`; null where none was. */
  readonly aim: number | null;
  readonly met: boolean;
  /** The aim in words. */
  readonly asks: string;
  /** What of the measurement did not run, or ran smaller than it should. */
  readonly leftOut: readonly string[];
  /** Figures that explain the row. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** By server, and by each of its threads beyond the first: where it spends its time. Of rows that miss their aim, or where it was asked for. */
  readonly whereTimeGoes?: Readonly<Record<string, TimeGoes>>;
};

/** What an aim bounds, and from which side. */
export type Aim = {
  readonly of: 'ratio' | 'ours' | 'added';
  readonly side: 'at least' | 'at most';
  readonly bound: number;
  readonly asks: string;
};

export type Measured = {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly beside?: Readonly<Record<string, number>>;
  readonly aim?: Aim;
  readonly leftOut?: readonly string[];
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** INVARIANT (closed): a figure that is no number meets no aim. */
export function rowOf({ name, unit, ours, beside = {}, aim, leftOut = [], detail = {} }: Measured): Row {
  const [first] = Object.values(beside);
  const ratio = first === undefined ? null : ours / first;
  return {
    name,
    unit,
    ours: rounded(ours),
    beside: Object.fromEntries(Object.entries(beside).map(([peer, value]) => [peer, rounded(value)])),
    ratio: ratio === null ? null : rounded(ratio),
    aim: aim?.bound ?? null,
    met: aim === undefined || isMet(aim, ours, first),
    asks: aim?.asks ?? '',
    leftOut,
    detail,
  };
}

function isMet({ of, side, bound }: Aim, ours: number, first: number | undefined): boolean {
  const besides = first ?? Number.NaN;
  const value = { ratio: ours / besides, ours, added: ours - besides }[of];
  return side === 'at least' ? value >= bound : value <= bound;
}

/** The row of a measurement that broke: it says why, and meets nothing. */
export const brokenRow = (name: string, because: string): Row => ({
  ...rowOf({ name, unit: '', ours: Number.NaN, leftOut: [`everything: ${because}`] }),
  met: false,
});

const whyMax = 6;

/** Where the time of the first server goes, in one line. */
export function whyLine({ name, whereTimeGoes }: Row): string | undefined {
  const [first] = Object.entries(whereTimeGoes ?? {});
  return first && `${name}, ${first[0]}: ${first[1].onBehalfOf.slice(0, whyMax).join(', ')}`;
}

/** The rows as people read them. */
export function table(rows: readonly Row[]): string {
  const heads = ['measured', 'unit', 'ours', 'beside', 'ratio', 'aim', 'met'];
  const cells = rows.map((row) => [
    row.name,
    row.unit,
    Number.isNaN(row.ours) ? '–' : String(row.ours),
    Object.entries(row.beside)
      .map(([peer, value]) => `${peer} ${value}`)
      .join(', ') || '–',
    row.ratio === null ? '–' : String(row.ratio),
    row.asks || '–',
    row.aim === null && row.met ? '–' : row.met ? 'yes' : 'NO',
  ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((line) => line[i]!.length)));
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => part.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const notes = rows.flatMap(({ name, leftOut }) => leftOut.map((what) => `${name} left out: ${what}`));
  const why = rows.flatMap((row) => whyLine(row) ?? []);
  if (why.length > 0) notes.push('', 'Where the time goes, by the nearest module above whatever ran:', ...why);
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line), ...notes].join('\n');
}

export const tableHead = [
  '| measured | unit | ours | beside | ratio | aim | met | left out |',
  '|---|---|---|---|---|---|---|---|',
];

/** A row as a document has it. */
export function rowLine(row: Row): string {
  const beside = Object.entries(row.beside).map(([peer, value]) => `${peer} ${value}`);
  const met = row.aim === null && row.met ? '' : row.met ? 'yes' : 'no';
  const ours = Number.isNaN(row.ours) ? '–' : row.ours;
  const cells = [row.name, row.unit, ours, beside.join(', '), row.ratio ?? '', row.asks, met, row.leftOut.join('; ')];
  return `| ${cells.join(' | ')} |`;
}
