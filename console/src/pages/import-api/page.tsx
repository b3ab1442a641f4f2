import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { PageTitle } from '../../kit/page-title.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { useCatalog } from '../../plane/use-catalog.ts';
import { CatalogFrame } from '../catalog/catalog-frame.tsx';
import { useWhyNot, whyNoCatalog } from '../catalog/use-why-not.ts';
import { ImportForm } from './import-form.tsx';
import { OverlayForm } from './overlay-form.tsx';

/**
 * A description is pasted, dropped or named by address, or a classification file laid over one that is known; what it would
 * change is shown before anything is.
 */
export function Page() {
  const { api = 'new' } = useParams({ strict: false }) as { readonly api?: string };
  const { by } = useSearch({ strict: false }) as { readonly by?: string };
  const navigate = useNavigate();
  const catalog = useCatalog();
  const why = useWhyNot('catalog');
  const known = catalog.data?.apis.find(({ name }) => name === api);
  const isFile = known !== undefined && by === 'file';
  return (
    <CatalogFrame catalog={catalog.data} at={known?.name ?? null}>
      <div className="grid max-w-[55rem] gap-4 px-8 py-4 max-sm:px-4">
        <PageTitle tab="Import an API">
          {known === undefined
            ? 'Add an API'
            : isFile
              ? `Classify ${known.name} by a file`
              : `Import ${known.name} again`}
        </PageTitle>
        <p className="text-interface text-text-2">
          {known === undefined
            ? 'Its description says which actions it has. How they count, and where the API lives, a person says.'
            : isFile
              ? 'What the file says of an action counts by your word, upwards and downwards, from the next call on.'
              : `It lives at ${known.origin}${known.basePath}. An import does not move it, and lowers nothing by itself.`}
        </p>
        {known !== undefined && (
          <TabBar
            label="By what"
            value={isFile ? 'file' : 'description'}
            onChange={(way) => void navigate({ to: '.', search: { by: way } as never, replace: true })}
            tabs={[
              { value: 'description', says: 'Its description' },
              { value: 'file', says: 'A classification file' },
            ]}
          />
        )}
        <WhyOff id={whyNoCatalog} says={why} className="text-interface text-text-2" />
        {catalog.isPending && <Loading />}
        {catalog.isError && catalog.data === undefined && (
          <ErrorState what="The catalog could not be loaded." error={catalog.error} onTryAgain={catalog.refetch} />
        )}
        {isFile && <OverlayForm key={known.name} api={known} isOff={why !== null} />}
        {catalog.data !== undefined && !isFile && (
          <ImportForm key={known?.name ?? 'new'} known={known} wanted={api === 'new' ? '' : api} isOff={why !== null} />
        )}
      </div>
    </CatalogFrame>
  );
}
