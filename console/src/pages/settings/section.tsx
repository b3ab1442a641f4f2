import { type ReactNode, useId } from 'react';

type SectionProps = { readonly title: string; readonly says?: ReactNode; readonly children: ReactNode };

export function Section({ title, says, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid min-w-0 gap-3">
      <div className="grid gap-0.5">
        <h2 id={id} className="text-section">
          {title}
        </h2>
        {says !== undefined && <p className="max-w-[72ch] text-interface text-text-2">{says}</p>}
      </div>
      {children}
    </section>
  );
}

/** A list in one frame: lines, not boxes in boxes. */
export function Rows({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <ul aria-label={label} className="divide-y divide-line rounded-card border border-line bg-surface">
      {children}
    </ul>
  );
}

/** What a row is, what is to be known of it, and what can be done. */
export function Row({ name, about, children }: { name: ReactNode; about: ReactNode; children?: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5 text-interface">
      <div className="grid min-w-0 flex-1 basis-60 gap-0.5">
        <span className="font-medium">{name}</span>
        <span className="wrap-anywhere text-text-2">{about}</span>
      </div>
      {children !== undefined && <div className="flex flex-wrap gap-2">{children}</div>}
    </li>
  );
}
