import { Link } from '@tanstack/react-router';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { useCatalog } from '../../plane/use-catalog.ts';
import { ApiView } from './api-view.tsx';
import { CatalogFrame } from './catalog-frame.tsx';
import { useWhyNot, whyNoCatalog } from './use-why-not.ts';

/** The first API; each has an address of its own too. */
export function Page() {
  const catalog = useCatalog();
  const why = useWhyNot('catalog');
  const first = catalog.data?.apis[0];
  return (
    <CatalogFrame catalog={catalog.data} at={first?.name ?? null}>
      {catalog.data !== undefined && first !== undefined ? (
        <ApiView catalog={catalog.data} name={first.name} />
      ) : (
        <div className="p-6">
          <PageTitle tab="Catalog">Catalog</PageTitle>
          {catalog.isPending && <Loading />}
          {catalog.isError && catalog.data === undefined && (
            <ErrorState what="The catalog could not be loaded." error={catalog.error} onTryAgain={catalog.refetch} />
          )}
          {catalog.data !== undefined && (
            <EmptyState title="No API yet.">
              {why === null && (
                <Link to="/catalog/$api/import" params={{ api: 'new' }} className="text-accent underline">
                  Paste an OpenAPI address, or drop the file
                </Link>
              )}
              <WhyOff id={whyNoCatalog} says={why} className="" />
            </EmptyState>
          )}
        </div>
      )}
    </CatalogFrame>
  );
}
