import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

type TextLinkProps = Pick<LinkProps, 'to' | 'params' | 'search'> & { readonly children: ReactNode };

/** A way to another page inside of a line of text. */
export function TextLink({ children, ...to }: TextLinkProps) {
  return (
    <Link {...to} className="text-accent underline">
      {children}
    </Link>
  );
}
