import { canonicalJson } from '@ambit/protocol';
import type { RunLine, UndoAnswer, UndoTask } from '@ambit/sdk/operator';
import { useState } from 'react';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Fault, sayFault } from '../../kit/fault.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { Loading } from '../../kit/states.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { useRead } from '../../plane/use-read.ts';

type UndoDialogProps = {
  readonly line: RunLine;
  readonly onClose: () => void;
  /** It was decided: the run tells how it went. */
  readonly onDone: () => void;
};

/** Says what would be called, in whose name, and takes one call back. */
export function UndoDialog({ line, onClose, onDone }: UndoDialogProps) {
  const doing = useDoing();
  const [refused, setRefused] = useState<string | null>(null);
  const read = useRead(['runs', 'undo', line.entry], ({ operator }) => operator.log.undo(line.entry));
  const proposal = read.data;
  const isMissing = (proposal?.missing.length ?? 0) > 0;
  const undo = async () => {
    if (proposal === undefined || isMissing) return;
    let answer: UndoAnswer | undefined;
    const isDecided = await doing.run(async ({ operator }) => {
      answer = await operator.log.undoNow(line.entry, proposal.digest);
    });
    if (!isDecided || answer === undefined) return;
    onDone();
    if (answer.kind === 'denied') setRefused(`${answer.says} (${answer.code})`);
    else onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={() => !doing.isBusy && onClose()}
      onConfirm={() => void undo()}
      isBusy={doing.isBusy || proposal === undefined || isMissing || refused !== null}
      opensOn="back"
      title={
        <h2 className="text-title text-balance wrap-anywhere">
          Undo this: <Sentence parts={line.sentence} />?
        </h2>
      }
      confirm={doing.isBusy ? 'Undoing…' : 'Undo it'}
      foot="Decided like any call, once."
    >
      <div className="mt-3 grid gap-3 text-interface">
        {line.undo !== null && (
          <p>
            <Sentence parts={line.undo.sentence} />
          </p>
        )}
        {read.isPending && <Loading />}
        {proposal !== undefined && <Proposed proposal={proposal} />}
        {!isMissing && (
          <p className="text-text-2">
            You make this call yourself, within what you may delegate; no agent does. The rules may deny it, or ask
            another person first. The run shows how it goes.
          </p>
        )}
      </div>
      <Fault says={refused ?? doing.fault ?? (read.error === null ? null : sayFault(read.error))} />
    </ConfirmDialog>
  );
}

function Proposed({ proposal: { action, call, arguments: values, missing } }: { readonly proposal: UndoTask }) {
  return (
    <>
      <dl className="m-0 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 rounded-card border border-line bg-canvas px-4 py-3">
        <dt className="text-text-2">calls</dt>
        <dd className="code m-0 wrap-anywhere">
          {action}
          <span className="block text-text-2">{call}</span>
        </dd>
        {Object.entries(values).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="code text-text-2 wrap-anywhere">
              <Foreign inline text={name} />
            </dt>
            <dd className="m-0 wrap-anywhere">
              <Foreign inline text={typeof value === 'string' ? value : canonicalJson(value)} />
            </dd>
          </div>
        ))}
      </dl>
      {missing.length > 0 && (
        <p>
          Neither the call nor its answer says <Foreign inline text={missing.join(', ')} />. Open a task for an agent,
          and say it there.
        </p>
      )}
    </>
  );
}
