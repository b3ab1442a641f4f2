import { useParams } from '@tanstack/react-router';
import { PageTitle } from '../../kit/page-title.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { useCatalog } from '../../plane/use-catalog.ts';
import { CatalogFrame } from '../catalog/catalog-frame.tsx';
import { useWhyNot } from '../catalog/use-why-not.ts';
import { ImportForm } from './import-form.tsx';

/** A description is pasted, dropped or named by address; what it would change is shown before anything is. */
export function Page() {
  const { api = 'new' } = useParams({ strict: false }) as { readonly api?: string };
  const catalog = useCatalog();
  const why = useWhyNot('catalog');
  const known = catalog.data?.apis.find(({ name }) => name === api);
  return (
    <CatalogFrame catalog={catalog.data} at={known?.name ?? null}>
      <div className="grid max-w-[55rem] gap-4 px-8 py-4 max-sm:px-4">
        <PageTitle tab="Import an API">{known === undefined ? 'Add an API' : `Import ${known.name} again`}</PageTitle>
        <p className="text-interface text-text-2">
          {known === undefined
            ? 'Its description says which actions it has. How they count, and where the API lives, a person says.'
            : `It lives at ${known.origin}${known.basePath}. An import does not move it, and lowers nothing by itself.`}
        </p>
        {why !== null && <p className="text-interface text-text-2">{why}</p>}
        {catalog.isPending && <Loading />}
        {catalog.isError && catalog.data === undefined && (
          <ErrorState what="The catalog could not be loaded." error={catalog.error} onTryAgain={catalog.refetch} />
        )}
        {catalog.data !== undefined && (
          <ImportForm key={known?.name ?? 'new'} known={known} wanted={api === 'new' ? '' : api} isOff={why !== null} />
        )}
      </div>
    </CatalogFrame>
  );
}
