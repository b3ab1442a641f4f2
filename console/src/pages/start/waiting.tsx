import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';

/** Something will come by itself. */
export function Waiting({ children }: { readonly children: ReactNode }) {
  return (
    <p
      role="status"
      className="flex items-center gap-2.5 rounded-card border border-line bg-canvas px-4 py-3 text-interface"
    >
      <LoaderCircle aria-hidden="true" className="turns size-4 shrink-0 text-text-2" />
      {children}
    </p>
  );
}
