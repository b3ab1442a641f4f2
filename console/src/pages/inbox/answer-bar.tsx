import { neverRemembered } from '@ambit/protocol';
import { type Approval, rememberableOf } from '@ambit/sdk/operator';
import { FingerprintPattern } from 'lucide-react';
import { Button } from '../../kit/button.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import type { Word } from './use-answering.ts';

type AnswerBarProps = {
  readonly approval: Approval;
  readonly onAnswer: (word: Word) => void;
  /** Why nobody can answer now, e.g. because the plane is not reached. */
  readonly isOff: boolean;
};

/** The answers. They never scroll away. */
export function AnswerBar({ approval, onAnswer, isOff }: AnswerBarProps) {
  const rememberable = rememberableOf(approval);
  const never = 'never' in rememberable ? neverRemembered[rememberable.never] : null;
  return (
    <footer className="flex flex-wrap items-center gap-2 border-line border-t bg-surface px-8 py-3.5 max-sm:px-4">
      <Button
        look="filled"
        size="large"
        disabled={isOff}
        shortcut="a"
        className="max-sm:order-2 max-sm:flex-[3]"
        onClick={() => onAnswer('yes')}
      >
        <FingerprintPattern aria-hidden="true" className="size-4" /> Approve <KeyCap keys="a" isOnFill />
      </Button>
      <Button
        size="large"
        disabled={isOff}
        shortcut="r"
        className="max-sm:order-1 max-sm:flex-[2]"
        onClick={() => onAnswer('no')}
      >
        Refuse… <KeyCap keys="r" />
      </Button>
      <Button
        look="quiet"
        size="large"
        offBy={never && 'never-remembered'}
        disabled={isOff}
        shortcut="shift+a"
        className="max-sm:order-3 max-sm:w-full"
        onClick={() => onAnswer('remember')}
      >
        Approve and remember… {never === null && <KeyCap keys="shift+a" />}
      </Button>
      {never !== null && (
        <p id="never-remembered" className="order-last w-full text-caption text-text-2 max-sm:text-center">
          Not remembered: {never}
        </p>
      )}
      <p className="ml-auto text-right text-caption text-text-2 max-sm:order-4 max-sm:ml-0 max-sm:w-full max-sm:text-center">
        Runs once, exactly as shown.
        <br className="max-sm:hidden" /> Next: confirm with your passkey.
      </p>
    </footer>
  );
}
