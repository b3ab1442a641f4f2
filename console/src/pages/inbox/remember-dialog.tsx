import { rememberedCallsMax } from '@ambit/protocol';
import type { Approval, Bounds, Widest } from '@ambit/sdk/operator';
import { type ReactNode, useId, useState } from 'react';
import { AnswerConfirm, DialogLine } from '../../kit/answer-confirm.tsx';
import { BoundsSaid } from '../../kit/bounds-said.tsx';
import { fieldLook } from '../../kit/field.tsx';
import { readMoment } from '../../kit/read-time.ts';
import { Sentence } from '../../kit/sentence.tsx';
import { useNow } from '../../kit/use-now.ts';
import { AnswerLines } from './answer-dialog.tsx';
import { leftAfter, readBounds, sumOf, type Written } from './read-bounds.ts';

type RememberDialogProps = {
  readonly seen: Approval;
  /** The widest that may be signed: a person narrows it, and no more. */
  readonly widest: Widest;
  readonly isBusy: boolean;
  readonly fault: string | null;
  readonly onClose: () => void;
  readonly onConfirm: (bounds: Bounds) => void;
};

const usualCalls = '5';
const spans = [
  { says: '5 minutes', milliseconds: 300_000 },
  { says: '15 minutes', milliseconds: 900_000 },
  { says: '1 hour', milliseconds: 3_600_000 },
  { says: '8 hours', milliseconds: 28_800_000 },
  { says: '1 day', milliseconds: 86_400_000 },
];

/** A yes to this call, and within bounds to equal or smaller ones: what is signed stands in one sentence beside the button. */
export function RememberDialog({ seen, widest, onConfirm, ...rest }: RememberDialogProps) {
  const now = useNow();
  // A time that is signed stands still, from when the dialog opened.
  const [openedAt] = useState(now);
  const [written, setWritten] = useState<Written>({ calls: usualCalls, each: '', inAll: '', until: widest.until });
  const read = readBounds(widest, written, now, leftAfter(seen, widest));
  const set = (some: Partial<Written>) => setWritten({ ...written, ...some });
  const ends = spans.filter(({ milliseconds }) => openedAt + milliseconds < widest.until);
  const { amount } = widest;
  return (
    <AnswerConfirm
      answer="yes"
      heading="Approve and remember, with your passkey"
      sentence={<Sentence parts={seen.card.sentence} />}
      digest={seen.digest}
      reason=""
      onReason={() => undefined}
      reasonFor=""
      isOff={'fault' in read}
      opensOn="inside"
      foot={
        <span role="status" className="block basis-full">
          {'fault' in read ? (
            <span className="font-medium text-deny">{read.fault}</span>
          ) : (
            <>
              <span className="block font-medium text-text">Then, without asking: </span>
              <BoundsSaid bounds={read.bounds} amount={amount} />
            </>
          )}
        </span>
      }
      onConfirm={() => 'bounds' in read && onConfirm(read.bounds)}
      {...rest}
    >
      <AnswerLines seen={seen} answer="yes" isFirst />
      <Line name="Then how many more">
        {(id) => (
          <input
            id={id}
            data-first-focus
            type="number"
            min={1}
            max={rememberedCallsMax}
            value={written.calls}
            onChange={({ target }) => set({ calls: target.value })}
            className={`${fieldLook} max-w-24`}
          />
        )}
      </Line>
      {amount !== null && amount.argument !== null && (
        <Line name="Each at most" unit={amount.currency}>
          {(id) => <AmountField id={id} value={written.each} widest={amount.each} onChange={(each) => set({ each })} />}
        </Line>
      )}
      {amount !== null && (
        <Line name="In all at most" unit={amount.currency}>
          {(id) => (
            <AmountField
              id={id}
              value={written.inAll}
              widest={'bounds' in read ? sumOf(read.bounds) : ''}
              onChange={(inAll) => set({ inAll })}
            />
          )}
        </Line>
      )}
      <Line name="Until">
        {(id) => (
          <select
            id={id}
            value={written.until}
            onChange={({ target }) => set({ until: Number(target.value) })}
            className={fieldLook}
          >
            <option value={widest.until}>the task ends, at {readMoment(widest.until, now)}</option>
            {ends.map(({ says, milliseconds }) => (
              <option key={says} value={openedAt + milliseconds}>
                {says} from now, {readMoment(openedAt + milliseconds, now)}
              </option>
            ))}
          </select>
        )}
      </Line>
    </AnswerConfirm>
  );
}

type LineProps = { readonly name: string; readonly unit?: string; readonly children: (id: string) => ReactNode };

function Line({ name, unit, children }: LineProps) {
  const id = useId();
  return (
    <DialogLine
      name={
        <label htmlFor={id} className="inline-flex min-h-9 items-center max-sm:min-h-11">
          {name}
        </label>
      }
    >
      <span className="flex items-center gap-2">
        {children(id)}
        {unit}
      </span>
    </DialogLine>
  );
}

type AmountFieldProps = {
  readonly id: string;
  readonly value: string;
  /** What it is where nothing is written. */
  readonly widest: string;
  readonly onChange: (value: string) => void;
};

function AmountField({ id, value, widest, onChange }: AmountFieldProps) {
  return (
    <input
      id={id}
      inputMode="decimal"
      autoComplete="off"
      maxLength={25}
      value={value}
      placeholder={widest}
      onChange={({ target }) => onChange(target.value)}
      className={`${fieldLook} max-w-36 tabular-nums`}
    />
  );
}
