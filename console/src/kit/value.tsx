import { fitsSentence } from './clean.ts';
import { Foreign } from './foreign.tsx';

export type ValueShown = {
  /** What it is, in our words: `customer`. */
  readonly kind: string;
  readonly id: string;
  /** The name that was looked up for it, if one was. */
  readonly label: string | null;
};

/** A value inside a sentence: its looked-up name, dotted, where that may stand there; else what it is and its id. */
export function Value({ value: { kind, id, label } }: { readonly value: ValueShown }) {
  if (label !== null && fitsSentence(label)) {
    return (
      <span className="dotted">
        <Foreign inline text={label} />
      </span>
    );
  }
  return (
    <>
      {kind} <Foreign inline text={id} />
    </>
  );
}
