import { Dialog } from 'radix-ui';
import { Button } from './button.tsx';
import { KeyCap } from './key-cap.tsx';
import type { Key } from './keys.ts';

type KeysListedProps = { readonly keys: readonly Key[]; readonly onClose: () => void };

/** Every key that works on this page, with what it does. */
export function KeysListed({ keys: shown, onClose }: KeysListedProps) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="appears fixed top-[12vh] left-1/2 max-h-[76vh] w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto rounded-dialog bg-surface p-6 shadow-floats"
        >
          <Dialog.Title className="text-title">Keys on this page</Dialog.Title>
          <dl className="mt-4 grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 text-interface">
            {shown.map(({ keys, says }) => (
              <div key={keys} className="contents">
                <dt className="flex gap-1">
                  <KeyCap keys={keys} />
                </dt>
                <dd className="m-0">{says}</dd>
              </div>
            ))}
          </dl>
          <Dialog.Close asChild>
            <Button className="mt-5">Close</Button>
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
