import { ChevronDown, ChevronRight } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import type { ReactNode } from 'react';
import { Foreign } from './foreign.tsx';
import { KeyCap } from './key-cap.tsx';
import { useShortcut } from './keys.ts';

export type Fold = { readonly isOpen: boolean; readonly onToggle: () => void };
type ExactFoldProps = Fold & {
  /** What it is, in our words. */
  readonly title: string;
  /** What is seen of it while it is folded. */
  readonly gist: ReactNode;
  readonly children: ReactNode;
};

/** What will be done, byte for byte, behind a fold that the key E opens. */
export function ExactFold({ title, gist, isOpen, onToggle, children }: ExactFoldProps) {
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <Collapsible.Root open={isOpen} onOpenChange={onToggle} className="border-line border-y">
      <Collapsible.Trigger
        aria-keyshortcuts={useShortcut('e')}
        className="flex min-h-9 w-full flex-wrap items-center gap-x-2 py-1.5 text-left text-interface hover:bg-hover"
      >
        <Chevron aria-hidden="true" className="size-4 shrink-0" />
        <span className="font-medium">{title}</span>
        {gist}
        <KeyCap keys="e" />
      </Collapsible.Trigger>
      <Collapsible.Content className="pb-3">
        <dl className="code m-0 grid grid-cols-[auto_1fr] gap-x-4 rounded-control bg-sunken px-4 py-3 wrap-anywhere max-sm:grid-cols-1">
          {children}
        </dl>
      </Collapsible.Content>
    </Collapsible.Root>
  );
}

type ExactLineProps = { readonly name: string; readonly children: ReactNode };

export function ExactLine({ name, children }: ExactLineProps) {
  return (
    <div className="contents">
      <dt className="text-text-2">
        <Foreign inline text={name} />
      </dt>
      <dd className="m-0 min-w-0 max-sm:mb-1.5">{children}</dd>
    </div>
  );
}
