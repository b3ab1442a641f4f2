import type { Policy } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Foreign } from '../../kit/foreign.tsx';
import { Time } from '../../kit/when.tsx';

export type Version = Omit<Policy, 'text'>;
type FrameProps = {
  readonly versions: readonly Version[];
  readonly at: number | null;
  readonly names: Readonly<Record<string, string>>;
  readonly children: ReactNode;
};

/** The versions beside the text of one. On narrow screens they stand below it. */
export function PoliciesFrame({ versions, at, names, children }: FrameProps) {
  return (
    <div className="flex h-full min-h-0 max-lg:h-auto max-lg:flex-col-reverse">
      <nav
        aria-label="Versions"
        className="shrink-0 overflow-y-auto border-line px-2.5 py-4 max-lg:border-t lg:w-60 lg:border-r"
      >
        <p className="px-2 pb-2 text-section">Versions</p>
        <ol className="grid gap-0.5" reversed>
          {versions.map(({ number, publishedAt, publishedBy, note }, place) => (
            <li key={number}>
              <Link
                to={place === 0 ? '/policies' : '/policies/$versions'}
                params={{ versions: `${number}` }}
                {...(number === at && { 'aria-current': 'page' as const })}
                className={`block min-h-11 rounded-control px-2 py-1.5 text-interface hover:bg-hover ${number === at ? 'bg-hover' : ''}`}
              >
                <span className="font-medium">
                  Version {number}
                  {place === 0 && <span className="font-normal text-text-2">, in force</span>}
                </span>
                <span className="block text-caption text-text-2">
                  <Time at={publishedAt} as="day" /> <Time at={publishedAt} /> by{' '}
                  <Foreign inline text={sayBy(publishedBy, names)} />
                </span>
                {note !== '' && (
                  <span className="block text-caption text-text-2 wrap-anywhere">
                    <Foreign inline text={note} />
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ol>
      </nav>
      <div className="min-h-0 min-w-0 flex-1 overflow-y-auto bg-surface">{children}</div>
    </div>
  );
}

export const sayBy = (by: Policy['publishedBy'], names: Readonly<Record<string, string>>): string =>
  by === 'plane' ? 'Ambit' : (names[by] ?? by);
