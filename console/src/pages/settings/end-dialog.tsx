import { type ReactNode, useId, useState } from 'react';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { sayError } from '../../kit/states.tsx';

type EndDialogProps = {
  readonly title: ReactNode;
  /** What ends, before anybody says yes. */
  readonly children: ReactNode;
  readonly confirm: string;
  readonly wantsReason?: boolean;
  readonly onClose: () => void;
  readonly run: (reason: string) => Promise<void>;
};

/** Says what ends, and asks once. It opens on the way back. */
export function EndDialog({ title, children, confirm, wantsReason = false, onClose, run }: EndDialogProps) {
  const id = useId();
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const end = async () => {
    if (wantsReason && reason.trim() === '') return setError(new Error('Say why: the log keeps it.'));
    setBusy(true);
    setError(null);
    await run(reason.trim()).then(onClose, setError);
    setBusy(false);
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => void end()}
      confirm={isBusy ? 'Ending it…' : confirm}
      look="danger"
      isBusy={isBusy}
      opensOn="back"
      title={<h2 className="text-title">{title}</h2>}
    >
      <div className="mt-3 grid gap-3 text-interface">
        {children}
        {wantsReason && (
          <div className="grid gap-1">
            <label htmlFor={id} className="font-medium">
              Why?
            </label>
            <input
              id={id}
              value={reason}
              maxLength={500}
              onChange={({ target }) => setReason(target.value)}
              className="min-h-10 rounded-control border border-line-strong bg-surface px-3"
            />
          </div>
        )}
        {error !== null && (
          <p role="alert" className="text-deny">
            <Foreign inline text={sayError(error).says} />
          </p>
        )}
      </div>
    </ConfirmDialog>
  );
}
