import { cleanText, escapeUnseen, isPlainName, mixedWord, type Part, renderParts } from '@ambit/protocol';

/**
 * Every line that is printed for people is made here. A value that is put into a line passes the cleaner, whoever it
 * came from: there is no way around it, because only `line` makes a `Line` and only a `Line` is printed.
 */

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

const cleaned = Symbol('cleaned');
type Piece = { readonly text: string; readonly style: Style | null };
/** Text that has passed the cleaner. No foreign value can pass for one: the symbol does not leave this file. */
export type Line = { readonly [cleaned]: readonly Piece[] };

export type Value = string | number | Line;

/** A line in our own words, with values in it. */
export function line(words: TemplateStringsArray, ...values: readonly Value[]): Line {
  const parts = words.flatMap((ours, i) => [{ text: ours, style: null }, ...partsOf(values[i] ?? '')]);
  return { [cleaned]: parts.filter((part) => part.text !== '') };
}

const partsOf = (value: Value): readonly Piece[] =>
  typeof value === 'object' ? value[cleaned] : [{ text: cleanText(`${value}`), style: null }];

/** Foreign text in quotes. A quote inside it is escaped, so that the text cannot end them itself. */
export function quote(text: string): Line {
  return line`"${text.replaceAll(/["\\]/g, '\\$&')}"${mixedNote(text)}`;
}

/** A sentence that the plane made, with its values quoted where they are no plain words. */
export const sentence = (parts: readonly Part[]): Line => line`${renderParts(parts)}`;

/** A name that others chose, beside the id that they did not. What is no plain name is quoted after its id. */
export function named(name: string, id: string): Line {
  return isPlainName(name) ? line`${name} (${id})` : line`${id}, called ${quote(name)}`;
}

function mixedNote(text: string): Line {
  const mixed = mixedWord(text);
  return mixed === undefined ? line`` : line` (one word mixes ${mixed.scripts.join(' and ')} letters)`;
}

export const paint = (style: Style, painted: Line): Line => ({
  [cleaned]: painted[cleaned].map(({ text }) => ({ text, style })),
});

export const indent = (depth: number, inner: Line): Line => line`${'  '.repeat(depth)}${inner}`;

export const join = (values: readonly Value[], between = ', '): Line =>
  values.reduce<Line>((sofar, value, i) => (i === 0 ? line`${value}` : line`${sofar}${between}${value}`), line``);

/** Foreign text of several lines: each of them marked, so that none can pass for a line of ours. */
export const quoteLines = (text: string): readonly Line[] => text.split('\n').map((one) => line`| ${one}`);

/** Columns, as wide as their widest cell. */
export function table(heads: readonly string[], rows: readonly (readonly Value[])[]): readonly Line[] {
  const all = [
    heads.map((head) => paint('dim', line`${head}`)),
    ...rows.map((row) => row.map((cell) => line`${cell}`)),
  ];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? line``))));
  return all.map((row) =>
    join(
      row.map((cell, i) =>
        i === row.length - 1 ? cell : line`${cell}${' '.repeat((widths[i] ?? 0) - widthOf(cell))}`,
      ),
      '  ',
    ),
  );
}

const widthOf = (of: Line): number => [...printLine(of, false)].length;

const codes: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

export const printLine = (one: Line, colours: boolean): string =>
  one[cleaned]
    .map(({ text, style }) => (colours && style !== null ? `\u001b[${codes[style]}m${text}\u001b[0m` : text))
    .join('');

/** JSON in which the same characters are escapes: the value is untouched, and a terminal has nothing to obey. */
export const printJson = (value: unknown): string => escapeUnseen(JSON.stringify(value ?? null) ?? 'null');
