import { type ReactNode, useEffect, useId, useState } from 'react';
import type { Session } from '../plane/session.ts';
import { useDoing } from '../plane/use-doing.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Fault } from './fault.tsx';

type EndConfirmProps = {
  readonly title: ReactNode;
  /** What ends, line by line, before anybody says yes. */
  readonly ends?: readonly ReactNode[];
  /** What else there is to say of it. */
  readonly children?: ReactNode;
  readonly confirm: string;
  /** Absent where no reason is asked for; `usual` is written down where the person gives none. */
  readonly reason?: 'wanted' | { readonly usual: string };
  /** The way back, unless a key of its own led here. */
  readonly opensOn?: 'back' | 'confirm';
  readonly foot?: ReactNode;
  /** It ended by itself, or by somebody else, while this was open: there is nothing to confirm any more. */
  readonly isOver?: boolean;
  readonly onClose: () => void;
  readonly run: (session: Session, reason: string) => Promise<unknown>;
};

/** Says what ends, asks once, and ends it. */
export function EndConfirm(props: EndConfirmProps) {
  const { title, ends = [], children, confirm, reason, opensOn = 'back', foot, isOver = false, onClose, run } = props;
  const doing = useDoing();
  const [written, setWritten] = useState('');
  const [lacks, setLacks] = useState<string | null>(null);
  const id = useId();
  const isToClose = isOver && !doing.isBusy;
  useEffect(() => {
    if (isToClose) onClose();
  }, [isToClose, onClose]);
  const end = async () => {
    const given = written.trim();
    if (reason === 'wanted' && given === '') return setLacks('Say why: the log keeps it.');
    setLacks(null);
    const said = given === '' && typeof reason === 'object' ? reason.usual : given;
    if (await doing.run((session) => run(session, said))) onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      look="danger"
      title={<h2 className="text-title text-balance wrap-anywhere">{title}</h2>}
      confirm={doing.isBusy ? 'Ending…' : confirm}
      isBusy={doing.isBusy}
      opensOn={opensOn}
      foot={foot}
      onClose={() => !doing.isBusy && onClose()}
      onConfirm={() => void end()}
    >
      <div className="mt-3 grid gap-3 text-interface">
        {children}
        {ends.length > 0 && (
          <ul className="m-0 grid list-disc gap-1 pl-5">
            {ends.map((one, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is written once and never reordered
              <li key={at} className="wrap-anywhere">
                {one}
              </li>
            ))}
          </ul>
        )}
        {reason !== undefined && (
          <p className="grid gap-1">
            <label htmlFor={id} className="font-medium">
              Why? {reason !== 'wanted' && <span className="font-normal text-text-2">It may stay empty.</span>}
            </label>
            <input
              id={id}
              value={written}
              onChange={({ target }) => setWritten(target.value)}
              maxLength={500}
              autoComplete="off"
              className="min-h-9 rounded-control border border-line-strong bg-surface px-2.5 max-sm:min-h-11"
            />
          </p>
        )}
      </div>
      <Fault says={lacks ?? doing.fault} />
    </ConfirmDialog>
  );
}
