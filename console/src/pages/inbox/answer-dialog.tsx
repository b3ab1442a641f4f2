import type { Approval } from '@ambit/sdk/operator';
import { FingerprintPattern } from 'lucide-react';
import type { ReactNode } from 'react';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readDigest } from '../../kit/read-digest.ts';
import { Sentence } from '../../kit/sentence.tsx';
import { Time } from '../../kit/when.tsx';
import { WhoMark } from '../../kit/who.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { namedIn } from './question.ts';

type AnswerDialogProps = {
  /** The question as it was when the person chose to answer: an answer is over exactly this. */
  readonly seen: Approval;
  readonly answer: 'yes' | 'no';
  readonly reason: string;
  readonly onReason: (reason: string) => void;
  readonly isBusy: boolean;
  readonly fault: string | null;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
};

/** The last look before the device asks: its own prompt cannot show what is signed, so this does. */
export function AnswerDialog({ seen, answer, reason, onReason, isBusy, fault, onClose, onConfirm }: AnswerDialogProps) {
  const { me } = usePlane();
  const { groups } = readDigest(seen.digest);
  const isYes = answer === 'yes';
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={onConfirm}
      confirm={isBusy ? 'Asking your passkey…' : 'Use passkey'}
      isBusy={isBusy}
      opensOn={isYes ? 'confirm' : 'inside'}
      foot="The signature is kept in the log."
      title={
        <h2 className="mt-4 text-title text-balance wrap-anywhere">
          {!isYes && 'Refuse: '}
          <Sentence parts={seen.card.sentence} />
        </h2>
      }
      before={
        <div className="flex items-center gap-3">
          <span className="flex size-9 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent">
            <FingerprintPattern aria-hidden="true" className="size-5" />
          </span>
          <div>
            <p className="font-semibold text-body">
              {isYes ? 'Confirm with your passkey' : 'Refuse with your passkey'}
            </p>
            <p className="text-caption text-text-2">Your device asks for your fingerprint, face or PIN.</p>
          </div>
        </div>
      }
    >
      <dl className="m-0 mt-3 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-interface">
        <Line name="You answer as">
          <span className="inline-flex items-center gap-1.5">
            <WhoMark who={{ kind: 'person', name: me.name }} />
            <span>
              <Foreign inline text={me.name} />, {seen.role}
            </span>
          </span>
        </Line>
        {namedIn(seen).map(({ kind, value }) => (
          <Line key={`${kind} ${value}`} name={<span className="capitalize">{kind}</span>}>
            <span className="code">
              <Foreign inline text={value} />
            </span>
          </Line>
        ))}
        {isYes && (
          <Line name="It runs">
            once, exactly as shown, before <Time at={seen.expiresAt} />. <Sentence parts={seen.card.undo.sentence} />
          </Line>
        )}
        {!isYes && (
          <Line name={<label htmlFor="reason">Why not?</label>}>
            <textarea
              id="reason"
              data-first-focus
              value={reason}
              onChange={({ target }) => onReason(target.value)}
              maxLength={500}
              rows={2}
              aria-describedby="reason-for"
              className="w-full rounded-control border border-line-strong bg-surface px-2.5 py-1.5"
            />
            <span id="reason-for" className="block text-caption text-text-2">
              The agent and the log get these words. They may stay empty.
            </span>
          </Line>
        )}
        <Line name="You sign">
          <span className="code block max-w-[20.5rem]">{groups.join(' ')}</span>
        </Line>
      </dl>
      <Fault says={fault} />
    </ConfirmDialog>
  );
}

function Line({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-text-2">{name}</dt>
      <dd className="m-0 min-w-0">{children}</dd>
    </div>
  );
}
