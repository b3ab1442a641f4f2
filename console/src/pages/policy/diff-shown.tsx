import { Foreign } from '../../kit/foreign.tsx';
import { type DiffPiece, piecesOf } from './diff-lines.ts';

const looks = {
  same: { sign: ' ', word: '', className: '' },
  added: { sign: '+', word: 'added: ', className: 'bg-permit-soft' },
  removed: { sign: '−', word: 'removed: ', className: 'bg-deny-soft' },
} as const;

/** What became of a text: a sign and a word, then the colour. */
export function DiffShown({ before, after }: { readonly before: string; readonly after: string }) {
  const pieces = piecesOf(before, after);
  if (pieces.every(({ is }) => is === 'left out'))
    return <p className="text-interface text-text-2">Their texts are the same.</p>;
  return (
    <ol className="code overflow-hidden rounded-control border border-line-strong py-2">
      {pieces.map((piece) => (
        <Piece key={`${piece.is} ${piece.line}`} piece={piece} />
      ))}
    </ol>
  );
}

function Piece({ piece }: { readonly piece: DiffPiece }) {
  if (piece.is === 'left out')
    return (
      <li className="bg-sunken px-3 py-0.5 text-text-2">
        {piece.count === 1 ? '1 line that is the same' : `${piece.count} lines that are the same`}
      </li>
    );
  const { sign, word, className } = looks[piece.is];
  return (
    <li className={`grid grid-cols-[3rem_1rem_1fr] px-3 ${className}`}>
      <span className="text-text-2 tabular-nums">{piece.line}</span>
      <span aria-hidden="true">{sign}</span>
      <span className="whitespace-pre-wrap wrap-anywhere">
        <span className="sr-only">{word}</span>
        <Foreign inline text={piece.text} />
      </span>
    </li>
  );
}
