import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

type ButtonLinkProps = Pick<LinkProps, 'to' | 'params' | 'search'> & {
  readonly look?: 'filled' | 'outlined';
  readonly children: ReactNode;
};

/** A way to another page that looks as what is done there. */
export function ButtonLink({ look = 'outlined', children, ...to }: ButtonLinkProps) {
  const ink =
    look === 'filled'
      ? 'border-transparent bg-accent-fill text-white hover:brightness-110'
      : 'border-line-strong bg-surface text-text hover:bg-hover';
  return (
    <Link
      {...to}
      className={`inline-flex min-h-8 items-center gap-2 whitespace-nowrap rounded-control border px-3 font-medium text-interface max-sm:min-h-11 ${ink}`}
    >
      {children}
    </Link>
  );
}
