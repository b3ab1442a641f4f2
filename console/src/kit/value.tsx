import { isPlainName, type ValuePart } from '@ambit/protocol';
import { Foreign } from './foreign.tsx';
import { isNamed } from './is-named.ts';
import { readAmount } from './read-amount.ts';
import { Moment } from './when.tsx';

const plainWord = /^[\p{L}\p{N}][\p{L}\p{N}._:@+-]{0,63}$/u;
const money = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/;
/** Who speaks in sentences of their own, in this organisation. */
const ours = new Set(['policy', 'person', 'plane']);

/**
 * A value inside a sentence. A looked-up name stands there dotted, where it may; then its id stands elsewhere on the card. What
 * is no plain word is between quotes that it cannot end, in its own letters.
 */
export function Value({ part }: { readonly part: ValuePart }) {
  const { value, kind, label, source } = part;
  if (kind === 'reason' && ours.has(source)) return <Foreign inline text={value} />;
  const amount = money.exec(value);
  if (kind === 'amount' && amount !== null)
    return <span className="whitespace-nowrap">{readAmount(amount[1] ?? '', amount[2] ?? '')}</span>;
  if (kind === 'time' && source === 'plane') return <Moment at={Date.parse(value)} />;
  if (label !== undefined && label !== value) return <Labelled value={value} kind={kind} label={label} />;
  // An id that the plane made, of a token or a key, is none of the words of the sentence.
  const isId = kind === 'text' && source === 'plane' && plainWord.test(value);
  if (kind === 'action' || isId)
    return (
      <code className="code text-[0.92em]">
        <Foreign inline text={value} />
      </code>
    );
  return plainWord.test(value) ? <Foreign inline text={value} /> : <Quoted text={value} />;
}

function Labelled({ value, kind, label }: { readonly value: string; readonly kind: string; readonly label: string }) {
  if (isPlainName(label)) {
    return (
      <span className="dotted">
        <Foreign inline text={label} />
      </span>
    );
  }
  return (
    <>
      {isNamed({ kind }) ? `${kind} ` : ''}
      <Foreign inline text={value} />
    </>
  );
}

/** Somebody else's words inside a sentence of ours: they end where they end, and nowhere else. */
function Quoted({ text }: { readonly text: string }) {
  return (
    <q className="rounded-[3px] bg-foreign-soft text-foreign">
      <Foreign inline text={text} />
    </q>
  );
}
