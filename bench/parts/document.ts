import { type Row, rowLine, tableHead } from './row.ts';

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
  const older = figures.split('\n').map((line) => [line.split('|')[1]?.trim() ?? '', line] as const);
  const lines = new Map([...older, ...rows.map((row) => [row.name, rowLine(row)] as const)]);
  const shown = names.flatMap((name) => lines.get(name) ?? []);
  return `${before}${begin}\n\n${[machine, '', ...tableHead, ...shown].join('\n')}\n\n${end}${after}`;
}
