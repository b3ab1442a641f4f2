import { Link } from '@tanstack/react-router';
import { CircleHelp, Plus, Store } from 'lucide-react';
import type { ReactNode } from 'react';
import { ButtonLink } from '../../kit/button-link.tsx';
import { apiOf, type CatalogShown } from '../../plane/use-catalog.ts';
import { useRead } from '../../plane/use-read.ts';
import { useWhyNot, whyNoCatalog } from './use-why-not.ts';

type FrameProps = {
  readonly catalog: CatalogShown | undefined;
  /** The API, or the place, that is open. */
  readonly at: string | null;
  readonly children: ReactNode;
};

const item =
  'flex min-h-8 items-center gap-2.5 rounded-control px-2 font-medium text-interface text-text-2 hover:bg-hover max-lg:min-h-11';

/** The APIs beside what is open of one. On narrow screens they stand above it. */
export function CatalogFrame({ catalog, at, children }: FrameProps) {
  const unmatched = useRead(['catalog', 'unmatched'], ({ operator }) => operator.catalog.unmatched());
  const why = useWhyNot('catalog');
  const count = (api: string) => catalog?.actions.filter((one) => apiOf(one) === api).length ?? 0;
  const lit = (isHere: boolean) =>
    isHere ? { 'aria-current': 'page' as const, className: `${item} bg-hover` } : { className: item };
  return (
    <div className="flex h-full min-h-0 max-lg:h-auto max-lg:flex-col">
      <nav
        aria-label="Catalog"
        className="flex shrink-0 flex-col gap-0.5 overflow-y-auto border-line px-2.5 py-4 max-lg:flex-row max-lg:flex-wrap max-lg:border-b max-lg:py-2 lg:w-48 lg:border-r"
      >
        <p className="px-2 pb-2 text-title max-lg:sr-only">Catalog</p>
        {catalog?.apis.map(({ name }) => (
          <Link
            key={name}
            to="/catalog/$api/{-$action}"
            params={{ api: name, action: undefined }}
            {...lit(at === name)}
          >
            <Store aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
            <span className="min-w-0 wrap-anywhere">{name}</span>
            <span className="ml-auto font-normal tabular-nums">{count(name).toLocaleString()}</span>
          </Link>
        ))}
        <p className="px-2 pt-4 pb-1 text-caption text-text-2 max-lg:sr-only">Not in the catalog</p>
        <Link to="/catalog/unmatched" {...lit(at === 'unmatched')}>
          <CircleHelp aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
          Unmatched calls
          <span className="ml-auto font-normal tabular-nums">{unmatched.data?.length ?? ''}</span>
        </Link>
        <ButtonLink
          to="/catalog/$api/import"
          params={{ api: 'new' }}
          offBy={why && whyNoCatalog}
          className="justify-center max-lg:min-h-11 lg:mt-4"
        >
          <Plus aria-hidden="true" className="size-4" /> Add an API…
        </ButtonLink>
      </nav>
      <div className="min-h-0 min-w-0 flex-1 overflow-y-auto bg-surface">{children}</div>
    </div>
  );
}
