import { type ActingTask, AmbitRefusal, type Ending } from '@ambit/sdk/operator';
import { useEffect, useState } from 'react';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { sayError } from '../../kit/states.tsx';
import { Time } from '../../kit/when.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { counted } from './counted.ts';

type EndConfirmProps = {
  readonly task: ActingTask;
  readonly under: readonly ActingTask[];
  readonly isStillThere: boolean;
  readonly onClose: () => void;
  readonly onEnded: (what: Ending) => void;
};

const unsaid = 'The person it acted for ended it.';

/** Lists what ends before it asks. The way back is where the focus is. */
export function EndConfirm({ task, under, isStillThere, onClose, onEnded }: EndConfirmProps) {
  const { operator } = usePlane();
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  // It ended by itself, or by somebody else, while this was open: there is nothing to confirm any more.
  const isOver = !isStillThere && !isBusy;
  useEffect(() => {
    if (isOver) onClose();
  }, [isOver, onClose]);
  const end = async () => {
    setBusy(true);
    setFault(null);
    try {
      onEnded(await operator.tasks.revoke(task.task, reason.trim() === '' ? unsaid : reason.trim()));
    } catch (error) {
      setBusy(false);
      setFault(
        error instanceof AmbitRefusal ? sayError(error).says : `${sayError(error).says} Look again before you try.`,
      );
    }
  };
  const questions = [task, ...under].reduce((sum, one) => sum + one.questions, 0);
  const elevations = [task, ...under].reduce((sum, one) => sum + one.elevations, 0);
  return (
    <ConfirmDialog
      isOpen
      onClose={() => !isBusy && onClose()}
      onConfirm={() => void end()}
      confirm={isBusy ? 'Ending…' : 'End it now'}
      look="danger"
      isBusy={isBusy}
      opensOn="back"
      foot="It can’t be opened again."
      title={
        <h2 className="text-title wrap-anywhere">
          End what <Foreign inline text={task.agentName ?? task.agent} /> does for you?
        </h2>
      }
    >
      <p className="mt-2 text-interface text-text-2">These end at once, and no call of theirs is sent any more:</p>
      <ul className="mt-2 mb-0 grid list-disc gap-1.5 pl-5 text-interface">
        {[task, ...under].map((one) => (
          <li key={one.task} className="wrap-anywhere">
            the task of <Foreign inline text={one.agentName ?? one.agent} />, which would end by itself at{' '}
            <Time at={one.expiresAt} />
            <span className="code block text-text-2">{one.task}</span>
          </li>
        ))}
        <li>every token that was issued for {under.length === 0 ? 'it' : 'them'}</li>
        {questions > 0 && <li>{counted(questions, 'question')}: nothing that was asked is sent</li>}
        {elevations > 0 && <li>{counted(elevations, 'elevation')}</li>}
      </ul>
      <label className="mt-4 grid gap-1 text-interface">
        <span>Why? It is kept in the log, if you say it.</span>
        <input
          value={reason}
          maxLength={400}
          onChange={(event) => setReason(event.target.value)}
          className="h-8 rounded-control border border-line-strong bg-surface px-2.5 text-body max-sm:h-11"
        />
      </label>
      {fault !== null && (
        <p role="alert" className="mt-3 text-deny text-interface">
          It is not known to have ended. <Foreign inline text={fault} />
        </p>
      )}
    </ConfirmDialog>
  );
}
