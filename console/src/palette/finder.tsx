import { Search } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { KeyCap } from '../kit/key-cap.tsx';
import { useKeys, useShortcut } from '../kit/keys.ts';

// It is loaded when somebody looks for something.
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));

/** `mod+k`, and the button that says so. */
export function Finder() {
  const [isOpen, setOpen] = useState(false);
  useKeys([{ keys: 'mod+k', says: 'Find tasks, agents, actions and pages', run: () => setOpen(true) }]);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts={useShortcut('mod+k')}
        onClick={() => setOpen(true)}
        className="group relative mb-1 flex min-h-8 items-center gap-2.5 rounded-control border border-line-strong bg-surface px-2 text-interface text-text-2 hover:bg-hover max-sm:min-h-12 sm:max-xl:border-transparent sm:max-xl:bg-transparent"
      >
        <Search aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
        <span className="folds">Find</span>
        <span className="ml-auto flex gap-1 sm:max-xl:hidden">
          <KeyCap keys="mod+k" />
        </span>
      </button>
      {isOpen && (
        <Suspense>
          <Palette onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
