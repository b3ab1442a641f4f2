import { type Row, rowLine, tableHead, whyLine } from './row.ts';

const begin = '<!-- figures: written by `npm run bench -- --write` -->';
const end = '<!-- /figures -->';

/**
 * The document with the rows that were measured in the place of their older selves; other rows stay as they are. `names`
 * says what rows there are, and in which order.
 */
export function withRows(text: string, rows: readonly Row[], names: readonly string[], machine: string): string {
  const [before, rest] = text.split(begin);
  const [figures, after] = (rest ?? '').split(end);
  if (before === undefined || figures === undefined || after === undefined) {
    throw new Error(`the document has no place for figures: ${begin} … ${end}`);
  }
  const older = figures.split('\n');
  const lines = named(older, /^\| (\S+) \|/);
  const whys = named(older, /^- `(\S+)`/);
  for (const row of rows) {
    lines.set(row.name, rowLine(row));
    const why = whyLine(row);
    if (why === undefined || row.met) whys.delete(row.name);
    else whys.set(row.name, `- \`${row.name}\`${why.slice(row.name.length)}`);
  }
  const ofAll = (from: ReadonlyMap<string, string>) => names.flatMap((name) => from.get(name) ?? []);
  const missed = ofAll(whys);
  const why = missed.length === 0 ? [] : ['', whyHead, '', ...missed];
  return `${before}${begin}\n\n${[machine, '', ...tableHead, ...ofAll(lines), ...why].join('\n')}\n\n${end}${after}`;
}

const whyHead =
  'Where an aim was missed, the busy time of the server’s threads goes to these modules, each with whatever runs below it:';

const named = (lines: readonly string[], pattern: RegExp) =>
  new Map(
    lines.flatMap((line) => (pattern.exec(line)?.[1] === undefined ? [] : [[pattern.exec(line)![1]!, line] as const])),
  );
