import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

type ButtonLinkProps = Pick<LinkProps, 'to' | 'params' | 'search'> & {
  readonly look?: 'filled' | 'outlined';
  /** The id of what says why it leads nowhere; null where it does. */
  readonly offBy?: string | null;
  readonly className?: string;
  readonly children: ReactNode;
};

/** A way to another page that looks as what is done there. */
export function ButtonLink({ look = 'outlined', offBy = null, className = '', children, ...to }: ButtonLinkProps) {
  if (offBy !== null)
    return (
      <Button offBy={offBy} className={className}>
        {children}
      </Button>
    );
  const ink =
    look === 'filled'
      ? 'border-transparent bg-accent-fill text-white hover:brightness-110'
      : 'border-line-strong bg-surface text-text hover:bg-hover';
  return (
    <Link
      {...to}
      className={`inline-flex min-h-8 items-center gap-2 whitespace-nowrap rounded-control border px-3 font-medium text-interface max-sm:min-h-11 ${ink} ${className}`}
    >
      {children}
    </Link>
  );
}
