/** What an eye would not see, or a reader of mail would obey: controls, marks of direction, spaces that are not U+0020. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?<=\p{M}{2})\p{M}|(?<![\p{L}\p{N}\p{S}\p{M}])\p{M}/gu;

const codePoint = (character: string) =>
  `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** Text of others on one line: what cannot be seen is its code point. */
export function plainText(text: string): string {
  const once = text.replaceAll(unseen, codePoint);
  // A mark whose letter went into a box has no letter any more.
  return once === text ? text : plainText(once);
}

const sentenceMax = 1000;

/** The sentence of a question outside of its card. One that is too long for that is not cut: it says where to read it. */
export function plainSentence(sentence: string, action: string): string {
  const plain = plainText(sentence);
  return plain.length <= sentenceMax ? plain : `Call ${plainText(action)}; what it would do is on the card alone.`;
}
