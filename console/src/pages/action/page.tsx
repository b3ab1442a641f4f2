import type { ActionShown } from '@ambit/sdk/operator';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { apiOf, type CatalogShown, useCatalog } from '../../plane/use-catalog.ts';
import { useRead } from '../../plane/use-read.ts';
import { ApiView } from '../catalog/api-view.tsx';
import { CatalogFrame } from '../catalog/catalog-frame.tsx';
import { ClassifyDialog } from '../catalog/classify-dialog.tsx';
import { sayEffect } from '../catalog/effect.tsx';
import { fieldNames, sayField, sayWord } from '../catalog/say-field.ts';
import { useWhyNot, whyNoCatalog } from '../catalog/use-why-not.ts';

export function Page() {
  const { api = '', action } = useParams({ strict: false }) as { readonly api?: string; readonly action?: string };
  const catalog = useCatalog();
  const isKnown = catalog.data?.apis.some(({ name }) => name === api) ?? false;
  return (
    <CatalogFrame catalog={catalog.data} at={api}>
      {catalog.data === undefined || !isKnown ? (
        <div className="p-6">
          <PageTitle tab="Catalog">Catalog</PageTitle>
          {catalog.isPending && <Loading />}
          {catalog.isError && catalog.data === undefined && (
            <ErrorState what="The catalog could not be loaded." error={catalog.error} onTryAgain={catalog.refetch} />
          )}
          {catalog.data !== undefined && (
            <EmptyState title="There is no such API.">
              <Link to="/catalog" className="text-accent underline">
                Show the catalog
              </Link>
            </EmptyState>
          )}
        </div>
      ) : action === undefined ? (
        <ApiView key={api} catalog={catalog.data} name={api} />
      ) : (
        <ActionView key={action} catalog={catalog.data} api={api} operation={action} />
      )}
    </CatalogFrame>
  );
}

type ViewProps = { readonly catalog: CatalogShown; readonly api: string; readonly operation: string };

function ActionView({ catalog, api, operation }: ViewProps) {
  const navigate = useNavigate();
  const id = `${api}:${operation}`;
  const read = useRead(['catalog', 'action', id], ({ operator }) => operator.catalog.action(id));
  const [isOpen, setOpen] = useState(false);
  const why = useWhyNot('catalog');
  const classify = () => why === null && read.data !== undefined && setOpen(true);
  const back = () =>
    void navigate({ to: '/catalog/$api/{-$action}', params: { api, action: undefined }, search: { at: operation } });
  useKeys([
    { keys: 'c', says: 'Classify…', run: classify },
    { keys: 'escape', says: 'Back to the API', run: back },
  ]);
  const action = read.data;
  return (
    <div className="grid gap-5 px-8 py-4 max-sm:px-4">
      <Link
        to="/catalog/$api/{-$action}"
        params={{ api, action: undefined }}
        search={{ at: operation }}
        className="inline-flex min-h-8 w-fit items-center gap-1 text-interface text-text-2 hover:underline"
      >
        <ChevronLeft aria-hidden="true" className="size-4" /> {api}
      </Link>
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1">
          <PageTitle tab="Action">
            <Foreign inline text={action === undefined || action.summary === '' ? operation : action.summary} />
          </PageTitle>
          <Id id={id} label="Copy the action" />
        </div>
        <Button
          look="filled"
          offBy={why && whyNoCatalog}
          disabled={action === undefined}
          onClick={classify}
          shortcut="c"
        >
          Classify… <KeyCap keys="c" isOnFill={why === null && action !== undefined} />
        </Button>
      </div>
      <WhyOff id={whyNoCatalog} says={why} />
      {read.isPending && <Loading />}
      {read.isError && action === undefined && (
        <ErrorState what="This action could not be loaded." error={read.error} onTryAgain={read.refetch} />
      )}
      {action !== undefined && <ActionFacts action={action} />}
      {isOpen && (
        <ClassifyDialog
          action={id}
          actions={catalog.actions.filter((one) => apiOf(one) === api)}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}

const sources = {
  default: 'nobody: the plane takes the strictest',
  description: 'the API’s file',
  overlay: 'a classification file',
  person: 'a person',
};

function ActionFacts({ action }: { readonly action: ActionShown }) {
  const proposed = new Map(action.pending.map((one) => [one.field, one]));
  const body = Object.keys(action.body?.arguments ?? {});
  return (
    <>
      <p className="text-body">
        {action.classifiedBy === null ? 'Nobody has classified it: it counts as ' : 'It counts as '}
        <strong className="font-semibold">{sayEffect(action).toLowerCase()}</strong>, {action.reach}.
        {action.held !== null && (
          <span className="text-deny">
            {' '}
            Calls to it are refused until a person confirms it: <Foreign inline text={action.held} />.
          </span>
        )}
      </p>
      <p className="code wrap-anywhere">
        {action.method} <Foreign inline text={action.path} />
      </p>
      <section aria-labelledby="counts">
        <h2 id="counts" className="text-section">
          What counts, and who says so
        </h2>
        <dl className="mt-2 grid border-line border-t text-interface">
          {fieldNames.map((field) => {
            const open = proposed.get(field);
            return (
              <div
                key={field}
                className="grid grid-cols-[14rem_1fr_14rem] gap-x-4 border-line border-b py-1.5 max-sm:grid-cols-1"
              >
                <dt className="text-text-2">{sayField(field)}</dt>
                <dd className="m-0 min-w-0 wrap-anywhere">
                  <Foreign inline text={sayWord(action[field])} />
                  {open !== undefined && (
                    <span className="block text-ask text-caption">
                      The file proposes <Foreign inline text={sayWord(open.proposed)} />
                      {open.lowers && ', which is lower'}
                    </span>
                  )}
                </dd>
                <dd className="m-0 text-text-2">{sources[action.sources[field]]}</dd>
              </div>
            );
          })}
        </dl>
      </section>
      <section aria-labelledby="takes">
        <h2 id="takes" className="text-section">
          What it takes
        </h2>
        {action.parameters.length + body.length === 0 ? (
          <p className="mt-1 text-interface text-text-2">Nothing.</p>
        ) : (
          <ul className="code mt-2 grid gap-1">
            {action.parameters.map(({ argument, required }) => (
              <li key={argument} className="wrap-anywhere">
                <Foreign inline text={argument} />{' '}
                <span className="text-text-2">{required ? 'required' : 'optional'}</span>
              </li>
            ))}
            {body.map((argument) => (
              <li key={argument} className="wrap-anywhere">
                <Foreign inline text={argument} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
