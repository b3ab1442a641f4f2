import type { ReactNode } from 'react';

/** A small heading over what it heads. */
export function CardSection({ title, children }: { readonly title: ReactNode; readonly children: ReactNode }) {
  return (
    <section className="grid min-w-0 content-start gap-1">
      <h3 className="text-caption text-text-2">{title}</h3>
      {children}
    </section>
  );
}
