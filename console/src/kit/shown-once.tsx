import type { ReactNode } from 'react';
import { Id } from './id.tsx';

type ShownOnceProps = { readonly title: ReactNode; readonly value: string; readonly children: ReactNode };

/** What is in one answer and in no other: it is kept nowhere, and gone when the page goes. */
export function ShownOnce({ title, value, children }: ShownOnceProps) {
  return (
    <div role="status" className="grid max-w-xl gap-2 rounded-card border border-ask-line bg-ask-soft p-4">
      <p className="font-semibold text-body">{title}</p>
      <p className="rounded-control border border-line bg-surface p-3">
        <Id id={value} label="Copy" />
      </p>
      <p className="text-interface">{children}</p>
    </div>
  );
}
