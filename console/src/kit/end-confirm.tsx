import { type ReactNode, useId, useState } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Foreign } from './foreign.tsx';

type EndConfirmProps = {
  readonly title: ReactNode;
  /** What ends, line by line, before anybody says yes. */
  readonly ends: readonly ReactNode[];
  readonly confirm: string;
  /** What is written down where the person gives no reason. Absent where no reason is asked for. */
  readonly usualReason?: string;
  readonly isBusy: boolean;
  readonly fault: string | null;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => void;
  readonly children?: ReactNode;
};

/** Lists what ends before it asks. */
export function EndConfirm(props: EndConfirmProps) {
  const { title, ends, confirm, usualReason, isBusy, fault, onClose, onConfirm, children } = props;
  const [reason, setReason] = useState('');
  const id = useId();
  return (
    <ConfirmDialog
      isOpen
      look="danger"
      title={<h2 className="text-title text-balance wrap-anywhere">{title}</h2>}
      confirm={isBusy ? 'Ending…' : confirm}
      isBusy={isBusy}
      onClose={onClose}
      onConfirm={() => onConfirm(reason.trim() === '' ? (usualReason ?? '') : reason.trim())}
    >
      <ul className="mt-3 grid list-disc gap-1 pl-5 text-interface">
        {ends.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is written once and never reordered
          <li key={at}>{one}</li>
        ))}
      </ul>
      {children}
      {usualReason !== undefined && (
        <p className="mt-4 grid gap-1 text-interface">
          <label htmlFor={id} className="font-medium">
            Why? <span className="font-normal text-text-2">It may stay empty.</span>
          </label>
          <input
            id={id}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            maxLength={500}
            autoComplete="off"
            className="min-h-9 rounded-control border border-line-strong bg-surface px-2.5"
          />
        </p>
      )}
      {fault !== null && (
        <p role="alert" className="mt-3 text-deny text-interface">
          <Foreign inline text={fault} />
        </p>
      )}
    </ConfirmDialog>
  );
}
