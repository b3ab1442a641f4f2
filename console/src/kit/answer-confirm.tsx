import { digestGroups } from '@ambit/protocol';
import { FingerprintPattern } from 'lucide-react';
import type { ReactNode } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Fault } from './fault.tsx';

type AnswerConfirmProps = {
  readonly answer: 'yes' | 'no';
  /** What is answered, in the same words as on the card. */
  readonly sentence: ReactNode;
  /** What the signature covers; absent where what stands below says it. */
  readonly digest?: string;
  /** Lines of what is to be known before it, each a `DialogLine`. */
  readonly children: ReactNode;
  /** What there is to be read below these. */
  readonly below?: ReactNode;
  readonly reason: string;
  readonly onReason: (reason: string) => void;
  /** Who gets the words of a no. */
  readonly reasonFor: string;
  /** What the dialog is for, where that is more than an answer. */
  readonly heading?: string;
  /** What stands beside the button whatever is scrolled. */
  readonly foot?: ReactNode;
  /** Whether there is nothing to sign as it stands; the foot says why. */
  readonly isOff?: boolean;
  /** Where the focus is first, unless a yes is confirmed at once and a no says why. */
  readonly opensOn?: 'confirm' | 'inside';
  readonly isBusy: boolean;
  readonly fault: string | null;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
};

/** The last look before the device asks: its own prompt cannot show what is signed, so this does. */
export function AnswerConfirm(props: AnswerConfirmProps) {
  const { answer, sentence, digest, children, reason, onReason, reasonFor, isBusy, fault, onClose, onConfirm } = props;
  const { heading, foot = 'The signature is kept in the log.', isOff = false, below } = props;
  const isYes = answer === 'yes';
  const { opensOn = isYes ? 'confirm' : 'inside' } = props;
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={onConfirm}
      confirm={isBusy ? 'Asking your passkey…' : 'Use passkey'}
      isBusy={isBusy}
      isOff={isOff}
      opensOn={opensOn}
      foot={foot}
      title={
        <h2 className="mt-4 text-title text-balance wrap-anywhere">
          {!isYes && 'Refuse: '}
          {sentence}
        </h2>
      }
      before={
        <div className="flex items-center gap-3">
          <span className="flex size-9 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent">
            <FingerprintPattern aria-hidden="true" className="size-5" />
          </span>
          <div>
            <p className="font-semibold text-body">
              {heading ?? (isYes ? 'Confirm with your passkey' : 'Refuse with your passkey')}
            </p>
            <p className="text-caption text-text-2">Your device asks for your fingerprint, face or PIN.</p>
          </div>
        </div>
      }
    >
      <dl className="m-0 mt-3 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-interface">
        {children}
        {!isYes && (
          <DialogLine name={<label htmlFor="reason">Why not?</label>}>
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
              {reasonFor} They may stay empty.
            </span>
          </DialogLine>
        )}
        {digest !== undefined && (
          <DialogLine name="You sign">
            <span className="code block max-w-[20.5rem]">{digestGroups(digest).join(' ')}</span>
          </DialogLine>
        )}
      </dl>
      {below}
      <Fault says={fault} />
    </ConfirmDialog>
  );
}

export function DialogLine({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-text-2">{name}</dt>
      <dd className="m-0 min-w-0">{children}</dd>
    </div>
  );
}
