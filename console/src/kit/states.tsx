import { AmbitRefusal } from '@ambit/sdk/operator';
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { DecisionMark } from './decision-chip.tsx';
import { Foreign } from './foreign.tsx';

/** Nothing for 200 ms, then grey shapes of what comes; after 5 s a word about why. */
export function Loading({ shape }: { readonly shape?: ReactNode }) {
  const [waited, setWaited] = useState<'' | 'a moment' | 'long'>('');
  useEffect(() => {
    const soon = setTimeout(() => setWaited('a moment'), 200);
    const late = setTimeout(() => setWaited('long'), 5000);
    return () => {
      clearTimeout(soon);
      clearTimeout(late);
    };
  }, []);
  if (waited === '') return null;
  return (
    <div aria-busy="true" className="grid gap-3 p-4">
      <p role="status" className={waited === 'long' ? 'text-interface text-text-2' : 'sr-only'}>
        {waited === 'long' ? 'Still loading. The store is answering slowly.' : 'Loading.'}
      </p>
      {shape ?? <Lines widths={['70%', '45%', '56%']} />}
    </div>
  );
}

/** Grey lines in the shape of text. */
export function Lines({ widths }: { readonly widths: readonly string[] }) {
  return widths.map((width) => (
    <span key={width} aria-hidden="true" className="h-3 rounded-full bg-sunken" style={{ width }} />
  ));
}

/** Nothing is here, in a sentence, and what would make something appear. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="grid gap-1 p-6">
      <p className="font-semibold text-body">{title}</p>
      {children !== undefined && <div className="text-interface text-text-2">{children}</div>}
    </div>
  );
}

type ErrorStateProps = {
  readonly what: string;
  readonly error: unknown;
  readonly onTryAgain?: () => void;
  /** A way on from here: to the list where it would stand. */
  readonly children?: ReactNode;
};

/** Something could not be shown: what is safe, what to do, and the code to look for. */
export function ErrorState({ what, error, onTryAgain, children }: ErrorStateProps) {
  const { says, code } = sayError(error);
  return (
    <div role="alert" className="m-4 grid max-w-xl gap-2 rounded-card border border-deny-line bg-surface p-4">
      <p className="flex items-center gap-2 font-semibold text-body">
        <DecisionMark decision="deny" />
        {what}
      </p>
      <p className="text-interface text-text-2">
        <Foreign inline text={says} />
      </p>
      <p className="flex flex-wrap items-center gap-3">
        {onTryAgain !== undefined && <Button onClick={onTryAgain}>Try again</Button>}
        {children !== undefined && <span className="text-interface">{children}</span>}
        <span className="code text-text-2">{code}</span>
      </p>
    </div>
  );
}

/** What people hear of an error. A refusal says itself what to do. */
export function sayError(error: unknown): { readonly says: string; readonly code: string } {
  if (error instanceof AmbitRefusal) {
    return { says: error.says, code: error.entry === null ? error.code : `${error.code} · ${error.entry}` };
  }
  if (error instanceof TypeError) {
    return { says: 'Ambit could not be reached. What agents do is decided there all the same.', code: 'not_reached' };
  }
  return {
    says: error instanceof Error ? error.message : String(error),
    code: error instanceof Error ? error.name : 'unknown',
  };
}
