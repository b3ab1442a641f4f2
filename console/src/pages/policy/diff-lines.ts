import { diffLines } from 'diff';

export type DiffLine = {
  readonly is: 'same' | 'added' | 'removed';
  readonly text: string;
  /** Its number in the text that it stands in: the later one, unless it was removed. */
  readonly line: number;
};
/** Lines around a change, or how many that are the same were left out. */
export type DiffPiece = DiffLine | { readonly is: 'left out'; readonly count: number; readonly line: number };

const around = 3;

/** What became of a text, line by line; long runs of the same are left out. */
export function piecesOf(before: string, after: string): readonly DiffPiece[] {
  const lines = linesOf(before, after);
  const isNear = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ is }) => is !== 'same'),
  );
  const pieces: DiffPiece[] = [];
  for (const [at, line] of lines.entries()) {
    const last = pieces.at(-1);
    if (isNear[at]) pieces.push(line);
    else if (last?.is === 'left out') pieces[pieces.length - 1] = { ...last, count: last.count + 1 };
    else pieces.push({ is: 'left out', count: 1, line: line.line });
  }
  return pieces;
}

function linesOf(before: string, after: string): readonly DiffLine[] {
  const at = { before: 0, after: 0 };
  return diffLines(before, after).flatMap(({ value, added, removed }) => {
    const is = added ? 'added' : removed ? 'removed' : 'same';
    return value
      .replace(/\n$/, '')
      .split('\n')
      .map((text): DiffLine => {
        if (is !== 'added') at.before += 1;
        if (is !== 'removed') at.after += 1;
        return { is, text, line: is === 'removed' ? at.before : at.after };
      });
  });
}
