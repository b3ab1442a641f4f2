import { AlertDialog } from 'radix-ui';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from './button.tsx';
import { KeyCap } from './key-cap.tsx';

type ConfirmDialogProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
  /** Names the dialog. */
  readonly title: ReactNode;
  readonly children: ReactNode;
  /** What the button does: `Use passkey`, `Suspend now`, `End it`. */
  readonly confirm: string;
  readonly look?: 'filled' | 'danger';
  readonly isBusy?: boolean;
  /** Whether there is nothing to confirm as it stands; the dialog says why. */
  readonly isOff?: boolean;
  /** Where the focus is first: on the safe side, or on what is marked `data-first-focus` inside. */
  readonly opensOn?: 'confirm' | 'back' | 'inside';
  /** What stands over the title. */
  readonly before?: ReactNode;
  readonly foot?: ReactNode;
};

const guardMs = 500;

/**
 * Asks once more before something is done. For its first half second it takes no yes, nor from a key that is held down:
 * whoever typed ahead has not read it.
 */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, onClose, onConfirm, title, before, children, confirm, foot } = props;
  const { look = 'filled', isBusy = false, isOff = false, opensOn = 'confirm' } = props;
  const openedAt = useRef(0);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isOpen) openedAt.current = performance.now();
  }, [isOpen]);
  const confirmed = (event: { readonly timeStamp: number }) => {
    if (!isBusy && !isOff && event.timeStamp - openedAt.current >= guardMs) onConfirm();
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 bg-scrim" />
        <AlertDialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            const inside = event.currentTarget as HTMLElement | null;
            if (opensOn === 'inside') inside?.querySelector<HTMLElement>('[data-first-focus]')?.focus();
            else first.current?.focus();
          }}
          className="appears fixed top-1/2 left-1/2 grid max-h-[calc(100vh-2rem)] w-[min(32.5rem,calc(100vw-2rem))] -translate-1/2 grid-rows-[1fr_auto] overflow-hidden rounded-dialog bg-surface shadow-floats max-sm:top-auto max-sm:bottom-4 max-sm:translate-y-0"
        >
          <div className="overflow-y-auto px-7 pt-6 pb-5 wrap-anywhere max-sm:px-5">
            {before}
            <AlertDialog.Title asChild>{title}</AlertDialog.Title>
            {children}
          </div>
          <div className="flex flex-wrap items-center justify-end gap-2 border-line border-t bg-canvas px-7 py-3.5 max-sm:px-5">
            {foot !== undefined && <span className="mr-auto text-caption text-text-2 max-sm:basis-full">{foot}</span>}
            <AlertDialog.Cancel asChild>
              <Button ref={opensOn === 'back' ? first : undefined} className="max-sm:flex-1">
                Go back <KeyCap keys="escape" />
              </Button>
            </AlertDialog.Cancel>
            <Button
              ref={opensOn === 'confirm' ? first : undefined}
              look={look}
              className="max-sm:flex-1"
              aria-disabled={isBusy || isOff}
              onKeyDown={(event) => event.repeat && event.preventDefault()}
              onClick={confirmed}
            >
              {confirm} <KeyCap keys="enter" isOnFill />
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
