/**
 * What a terminal would obey, or an eye would not see: controls with ANSI escapes, bidi marks, zero-width and tag
 * characters, line separators, spaces that are not U+0020, private and unassigned code points, halves of a surrogate
 * pair, marks without a letter and more than two marks on one.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?<=\p{M}{2})\p{M}|(?<![\p{L}\p{N}\p{S}\p{M}])\p{M}/gu;

const codePointOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

export type SeenPiece = { readonly text: string } | { readonly codePoint: string };

/** Text as people may see it, piece by piece: what cannot be seen is its code point (`U+202E`), to be drawn in a box. */
export function seenText(text: string): readonly SeenPiece[] {
  const pieces: SeenPiece[] = [];
  let end = 0;
  for (const { index, 0: found } of text.matchAll(unseen)) {
    // Looked at again by itself: a mark whose letter went into a box has no letter any more.
    if (index > end) pieces.push(...seenText(text.slice(end, index)));
    pieces.push({ codePoint: codePointOf(found) });
    end = index + found.length;
  }
  if (end === 0) return text === '' ? [] : [{ text }];
  return end === text.length ? pieces : [...pieces, ...seenText(text.slice(end))];
}

/** How many characters of the text nobody would see. */
export const unseenCount = (text: string): number => seenText(text).filter((piece) => 'codePoint' in piece).length;

/** The cleaner: what cannot be seen becomes its code point in a box, `[U+202E]`, and the rest stays as it is. */
export const cleanText = (text: string): string =>
  seenText(text)
    .map((piece) => ('text' in piece ? piece.text : `[${piece.codePoint}]`))
    .join('');

/** JSON in which the same characters are escapes: the value is untouched, and a terminal has nothing to obey. */
export const escapeUnseen = (json: string): string =>
  json.replaceAll(unseen, (one) =>
    Array.from({ length: one.length }, (_, i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );

/** Foreign text between quotes that it cannot end itself. */
export const quoteText = (text: string): string => `"${cleanText(text).replaceAll(/["\\]/g, '\\$&')}"`;

/** Words of one or two letters to which a point belongs (`J.`, `Dr.`, `Jr.`): any other point ends a sentence of somebody's. */
const nameWord = /^(?:[\p{L}\p{N}][\p{L}\p{N}'-]*(?:\.[\p{L}\p{N}][\p{L}\p{N}'-]*)*|\p{L}{1,2}\.(?:\p{L}{1,2}\.)*)$/u;

/**
 * Whether a name that others chose may stand in a sentence of ours without quotes: at most 40 letters, digits, spaces,
 * `-`, `'` and `.`, at most four words, none of them in letters of two alphabets. THREATS: lying-text.
 */
export function isPlainName(name: string): boolean {
  const words = name.split(' ');
  return (
    name.length <= 40 &&
    words.length <= 4 &&
    words.every((word) => nameWord.test(word)) &&
    cleanText(name) === name &&
    mixedWord(name) === undefined
  );
}

const scripts = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee'].map(
  (script) => [script, new RegExp(`\\p{Script=${script}}`, 'u')] as const,
);

/** A word in letters of more than one alphabet: `pаypal` with a Cyrillic а. */
export function mixedWord(text: string): { readonly word: string; readonly scripts: readonly string[] } | undefined {
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    const found = scripts.flatMap(([name, letters]) => (letters.test(word) ? [name] : []));
    if (found.length > 1) return { word, scripts: found };
  }
  return undefined;
}
