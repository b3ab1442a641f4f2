/** One piece of a `like` pattern as the syntax tree gives it; a literal may itself hold a star. */
export type PatternPiece = { readonly wildcard: true } | { readonly literal: string };

/**
 * A matcher of whole strings. `*` spans anything, line breaks too; letters match exactly as they are, no normal forms.
 * Between the fixed start and end each literal takes its leftmost place: if any placing matches, that one does, so
 * there is nothing to go back to and the time is bounded by the text.
 */
export function compileLike(pieces: readonly PatternPiece[]): (text: string) => boolean {
  const literals = literalsBetweenWildcards(pieces);
  const [start, ...rest] = literals as [string, ...string[]];
  const end = rest.pop();
  if (end === undefined) return (text) => text === start;
  return (text) => {
    if (text.length < start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false;
    return inOrder(rest, text.slice(start.length, text.length - end.length));
  };
}

/** `a*b*` → ['a', 'b', '']: always one more than there are wildcards. */
function literalsBetweenWildcards(pieces: readonly PatternPiece[]): string[] {
  const literals = [''];
  for (const piece of pieces) {
    if ('wildcard' in piece) literals.push('');
    else literals.push(literals.pop() + piece.literal);
  }
  return literals;
}

function inOrder(literals: readonly string[], text: string): boolean {
  let from = 0;
  for (const literal of literals) {
    const found = text.indexOf(literal, from);
    if (found < 0) return false;
    from = found + literal.length;
  }
  return true;
}
