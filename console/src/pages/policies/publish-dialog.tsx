import type { ProposalId } from '@ambit/protocol';
import { useState } from 'react';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Fault } from '../../kit/fault.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { ChangesShown, CheckShown } from './check-shown.tsx';
import { useCheck } from './use-check.ts';

/** A text that waits for a second person. */
export type Waiting = { readonly text: string; readonly proposal: ProposalId };

type DialogProps = {
  readonly text: string;
  /** The version that the text was made from: where another came meanwhile, nothing is published. */
  readonly after: number;
  readonly note?: string;
  readonly title: string;
  readonly onClose: () => void;
  readonly onDone: (version: number) => void;
  /** The text was put up for a second person, and is not to be put up again. */
  readonly onWaits?: (waiting: Waiting) => void;
};

/** Says by the ids of rules what a text would change, then publishes it. */
export function PublishDialog({
  text: given,
  after: base,
  note: begun = '',
  title,
  onClose,
  onDone,
  onWaits,
}: DialogProps) {
  // What was opened is what is published, whatever comes meanwhile.
  const [{ text, after }] = useState({ text: given, after: base });
  const doing = useDoing();
  const [note, setNote] = useState(begun);
  const check = useCheck(text);
  const publish = async () => {
    let published: number | null = null;
    const came = await doing.run(async ({ operator }) => {
      const why = note.trim() === '' ? undefined : note.trim();
      published = (await operator.policies.publish(text, why, after)).number;
    });
    if (published !== null) onDone(published);
    else if (came !== null && came !== 'done') {
      onWaits?.({ text, proposal: came.waits });
      onClose();
    }
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => void publish()}
      isBusy={doing.isBusy || check.is !== 'fine'}
      opensOn="inside"
      title={<h2 className="text-title">{title}</h2>}
      confirm="Publish"
      foot="Counts from the next decision on."
    >
      <div className="mt-3 grid gap-3 text-interface">
        {check.is === 'fine' ? (
          <ChangesShown changes={check.changes} />
        ) : (
          <CheckShown check={check} onLine={() => undefined} />
        )}
        <label className="grid gap-1">
          <span className="font-medium">Why (kept with the version)</span>
          <input
            data-first-focus
            value={note}
            maxLength={500}
            onChange={(event) => setNote(event.target.value)}
            className="min-h-9 rounded-control border border-line-strong bg-surface px-2.5 max-sm:min-h-11"
          />
        </label>
        <Fault says={doing.fault} />
      </div>
    </ConfirmDialog>
  );
}
