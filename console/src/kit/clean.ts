import { seenText } from '@ambit/protocol';

/** A piece of text that somebody else wrote, made fit to be shown: as it is, or a character that has to be named. */
export type Piece =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'box'; readonly codePoint: string }
  | { readonly is: 'odd'; readonly text: string; readonly says: string };

export type Cleaned = {
  readonly pieces: readonly Piece[];
  /** Our sentences about it, for below the frame. */
  readonly notes: readonly string[];
  readonly isRightToLeft: boolean;
};

const turning = new Set([
  '061C',
  '200E',
  '200F',
  '202A',
  '202B',
  '202C',
  '202D',
  '202E',
  '2066',
  '2067',
  '2068',
  '2069',
]);
const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** Shows every character of the text: none turns the text around, hides, or passes for another unnoticed. Lines stay lines. */
export function clean(text: string): Cleaned {
  const pieces = text
    .replaceAll('\r\n', '\n')
    .split(/([\n\t]+)/)
    .flatMap((run): Piece[] => (/^[\n\t]/.test(run) ? [{ is: 'text', text: run }] : cleanLine(run)));
  const boxes = pieces.flatMap((piece) => (piece.is === 'box' ? [piece.codePoint] : []));
  const odd = pieces.find((piece) => piece.is === 'odd');
  return {
    pieces,
    notes: [
      ...(boxes.length === 0
        ? []
        : [unseenNote(boxes.length, boxes.filter((one) => turning.has(one.slice(2))).length)]),
      ...(odd === undefined ? [] : [`A word mixes scripts: ${odd.says}.`]),
    ],
    isRightToLeft: rightToLeft.test(/\p{L}/u.exec(text)?.[0] ?? ''),
  };
}

const cleanLine = (line: string): Piece[] =>
  seenText(line).flatMap((piece): Piece[] =>
    'text' in piece ? marked(asText(piece.text)) : [{ is: 'box', codePoint: piece.codePoint }],
  );

/** Emoji have a form as text; where a font has one, it is taken. */
const asText = (text: string): string => text.replaceAll(/(?![0-9#*])\p{Emoji}/gu, '$&\ufe0e');

function unseenNote(boxes: number, turns: number): string {
  const shown = boxes === 1 ? '1 invisible character is shown.' : `${boxes} invisible characters are shown.`;
  if (turns === 0) return shown;
  if (boxes === 1) return `${shown} It turns text around.`;
  return `${shown} ${turns === 1 ? 'One of them turns' : `${turns} of them turn`} text around.`;
}

const strangers: readonly (readonly [string, RegExp])[] = [
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
];
const scriptOf = (letter: string): string | undefined => strangers.find(([, script]) => script.test(letter))?.[0];

/** Letters of another script in a word of Latin ones, each of them marked: they pass for what they are not. */
function marked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+/gu)) {
    const isLatin = /\p{Script=Latin}/u.test(word);
    for (const [index, letter] of [...word].entries()) {
      const script = isLatin ? scriptOf(letter) : undefined;
      if (script === undefined) {
        plain += letter;
        continue;
      }
      if (plain !== '') pieces.push({ is: 'text', text: plain });
      plain = '';
      const codePoint = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      pieces.push({ is: 'odd', text: letter, says: `letter ${index + 1} is ${script}, U+${codePoint}` });
    }
  }
  if (plain !== '') pieces.push({ is: 'text', text: plain });
  return pieces;
}
