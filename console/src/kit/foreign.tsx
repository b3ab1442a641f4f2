import { Info, Quote } from 'lucide-react';
import { createElement, Fragment, useId, useState } from 'react';
import { type Cleaned, clean, type Piece } from './clean.ts';

/** Inside a line of ours: one isolated run, every character of it shown. */
type Inline = { readonly inline: true; readonly text: string };
/** A frame of its own. `by` says in our words who wrote it: `refund-bot’s claim`. */
type Framed = {
  readonly inline?: false;
  readonly text: string;
  readonly by: string;
  /** Arguments of an open question never fold; what only stands beside it may fold sooner. */
  readonly folds?: 'never' | 'usual' | 'soon';
};

const folded = {
  usual: { lines: 6, characters: 480, className: 'line-clamp-6' },
  soon: { lines: 3, characters: 240, className: 'line-clamp-3' },
};

/** Text that somebody else wrote: shown as text, hatched and dashed, with who says so. Nothing in it is believed. */
export function Foreign(props: Inline | Framed) {
  return props.inline ? <Run text={props.text} /> : <Frame {...props} />;
}

function Run({ text }: { readonly text: string }) {
  const cleaned = clean(text);
  return (
    <bdi dir={cleaned.isRightToLeft ? 'rtl' : 'ltr'} className="wrap-anywhere">
      <Pieces cleaned={cleaned} />
    </bdi>
  );
}

function Frame({ text, by, folds = 'usual' }: Framed) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const cleaned = clean(text);
  const fold = folds === 'never' ? null : folded[folds];
  const isLong = fold !== null && (text.split('\n').length > fold.lines || text.length > fold.characters);
  return (
    <figure className="m-0" aria-labelledby={id}>
      <div className="relative overflow-hidden rounded-control border border-foreign-line border-dashed bg-foreign-soft py-2 pr-4 pl-[26px] contain-paint">
        <span aria-hidden="true" className="hatched absolute inset-y-0 left-0 w-3" />
        <figcaption id={id} className="flex items-center gap-1.5 font-medium text-caption text-foreign">
          <Quote aria-hidden="true" className="size-3 shrink-0" />
          <span className="sr-only">Quote: </span>
          {by}, not checked
        </figcaption>
        <blockquote
          dir={cleaned.isRightToLeft ? 'rtl' : 'ltr'}
          className={`code m-0 mt-1 whitespace-pre-wrap wrap-anywhere text-text isolate ${isLong && !isOpen ? fold.className : ''}`}
          style={{ unicodeBidi: 'isolate' }}
        >
          <Pieces cleaned={cleaned} />
        </blockquote>
        <span className="sr-only">End of quote.</span>
      </div>
      {isLong && (
        <button
          type="button"
          className="mt-1 min-h-6 text-accent text-caption underline"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Show less' : `Show all ${text.length.toLocaleString()} characters`}
        </button>
      )}
      <Notes notes={cleaned.notes} />
    </figure>
  );
}

function Notes({ notes }: { readonly notes: readonly string[] }) {
  return notes.map((note) => (
    <p key={note} className="mt-1.5 flex gap-1.5 text-caption text-text-2">
      <Info aria-hidden="true" className="mt-0.5 size-3 shrink-0" />
      {note}
    </p>
  ));
}

function Pieces({ cleaned: { pieces } }: { readonly cleaned: Cleaned }) {
  return createElement(Fragment, null, ...pieces.map(shownPiece));
}

function shownPiece(piece: Piece) {
  if (piece.is === 'text') return piece.text;
  if (piece.is === 'odd') return <span className="border-ask border-b-2">{piece.text}</span>;
  return (
    <span className="mx-px rounded-[3px] bg-foreign px-1 font-mono text-[11px] text-surface">{piece.codePoint}</span>
  );
}
