/** A piece of text that somebody else wrote, made fit to be shown: as it is, or a character that has to be named. */
export type Piece =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'box'; readonly code: string }
  | { readonly is: 'odd'; readonly text: string; readonly says: string };

export type Cleaned = {
  readonly pieces: readonly Piece[];
  /** Our sentences about it, for below the frame. */
  readonly notes: readonly string[];
  readonly isRightToLeft: boolean;
};

// Controls, format characters (bidi marks, zero-width, tags), separators, unusual spaces, private use, unassigned and
// half characters, fillers that show nothing; ordinary space, tab and line feed stay.
const unseen =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\u00a0\u115f\u1160\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0]|\u034f|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const marksMax = 2;
const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** Shows every character of the text: none turns the text around, hides, or passes for another unnoticed. */
export function clean(text: string): Cleaned {
  const pieces: Piece[] = [];
  let shown = '';
  let marks = 0;
  let boxes = 0;
  let turns = 0;
  let crowded = 0;
  const flush = () => {
    if (shown !== '') pieces.push(...marked(shown));
    shown = '';
  };
  const box = (character: string) => {
    flush();
    pieces.push({ is: 'box', code: codeOf(character) });
  };
  for (const character of text.replaceAll('\r\n', '\n')) {
    const isMark = /\p{M}/u.test(character) && !unseen.test(character);
    marks = isMark ? marks + 1 : 0;
    if (character === '\n' || character === '\t') shown += character;
    else if (unseen.test(character)) {
      boxes++;
      if (turning.test(character)) turns++;
      box(character);
    } else if (marks > marksMax) {
      crowded++;
      box(character);
      // Emoji have a form as text; where a font has one, it is taken.
    } else shown += /\p{Extended_Pictographic}/u.test(character) ? `${character}\ufe0e` : character;
  }
  flush();
  const odd = pieces.filter((piece) => piece.is === 'odd');
  const first = odd[0];
  return {
    pieces,
    notes: [
      ...(boxes > 0 ? [unseenNote(boxes, turns)] : []),
      ...(crowded > 0 ? [`${crowded} marks crowd one letter: they are shown as code points.`] : []),
      ...(first === undefined ? [] : [`A word mixes scripts: ${first.says}.`]),
    ],
    isRightToLeft: rightToLeft.test(/\p{L}/u.exec(text)?.[0] ?? ''),
  };
}

/** The same as plain text, for what is copied: boxed characters are written out. */
export function cleanText(text: string): string {
  return clean(text)
    .pieces.map((piece) => (piece.is === 'box' ? `[${piece.code}]` : piece.text.replaceAll('\ufe0e', '')))
    .join('');
}

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

function unseenNote(boxes: number, turns: number): string {
  const shown = boxes === 1 ? '1 invisible character is shown.' : `${boxes} invisible characters are shown.`;
  if (turns === 0) return shown;
  if (boxes === 1) return `${shown} It turns text around.`;
  return `${shown} ${turns === 1 ? 'One of them turns' : `${turns} of them turn`} text around.`;
}

/** Letters of another script inside a word of Latin ones, each of them marked: they pass for what they are not. */
function marked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+/gu)) {
    if (
      !/\p{Script=Latin}/u.test(word) ||
      !/[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(word)
    ) {
      plain += word;
      continue;
    }
    let position = 0;
    for (const letter of word) {
      position++;
      const script = scripts.find(([, pattern]) => pattern.test(letter))?.[0];
      if (script === undefined) {
        plain += letter;
        continue;
      }
      if (plain !== '') pieces.push({ is: 'text', text: plain });
      plain = '';
      pieces.push({ is: 'odd', text: letter, says: `letter ${position} is ${script}, ${codeOf(letter)}` });
    }
  }
  if (plain !== '') pieces.push({ is: 'text', text: plain });
  return pieces;
}

const scripts: readonly (readonly [string, RegExp])[] = [
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
];

/** Whether a name of others may stand inside a sentence of ours: one run of letters, digits, spaces, `-` `'` `.`. */
export function fitsSentence(name: string): boolean {
  if (!/^[\p{L}\p{M}\p{N} \-'’.]{1,40}$/u.test(name) || name.trim() === '') return false;
  // A full stop ends a sentence of ours: it may stand inside a name or an initial only.
  if (/\.\s/.test(name.replaceAll(/\b\p{Lu}\.\s/gu, ''))) return false;
  const { pieces } = clean(name);
  const found = new Set([...name].flatMap((letter) => scriptOf(letter) ?? []));
  return pieces.every(({ is }) => is === 'text') && found.size <= 1 && !/\b(for|to|from|at) \S+ \d/.test(name);
}

function scriptOf(letter: string): string | undefined {
  if (!/\p{L}/u.test(letter)) return undefined;
  const known = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Hebrew', 'Arabic', 'Han', 'Hiragana', 'Katakana', 'Hangul'];
  return known.find((script) => new RegExp(`\\p{Script=${script}}`, 'u').test(letter)) ?? 'another';
}
