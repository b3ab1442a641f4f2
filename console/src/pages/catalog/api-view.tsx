import type { ActionInShort } from '@ambit/sdk/operator';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FileUp, RefreshCw, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { ButtonLink } from '../../kit/button-link.tsx';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { Time } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { apiOf, type CatalogShown, operationOf } from '../../plane/use-catalog.ts';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { ActionTable } from './action-table.tsx';
import { ClassifyDialog } from './classify-dialog.tsx';
import { ConfirmProposals } from './confirm-proposals.tsx';
import { countOf, type Filter, filters, groupsOf } from './groups.ts';
import { useWhyNot, whyNoCatalog } from './use-why-not.ts';

const says: Readonly<Record<Filter, string>> = { all: 'All', reads: 'Reads', writes: 'Writes', open: 'Not classified' };
const formats = { 'openapi-3.1': 'OpenAPI 3.1', 'openapi-3.0': 'OpenAPI 3.0', 'swagger-2.0': 'Swagger 2.0' };

/** What an API can do, as it counts, and what a person still has to say. */
export function ApiView({ catalog, name }: { readonly catalog: CatalogShown; readonly name: string }) {
  const names = useNames();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { readonly show?: string; readonly q?: string; readonly at?: string };
  const filter = filters.find((one) => one === search.show) ?? 'all';
  // What is being typed is ahead of the address.
  const [wanted, setWanted] = useState(search.q ?? '');
  const find = (q: string) => {
    setWanted(q);
    set({ q });
  };
  const [dialog, setDialog] = useState<'classify' | 'confirm' | null>(null);
  const finder = useRef<HTMLInputElement>(null);
  const api = catalog.apis.find((one) => one.name === name);
  const shown = useRead(['catalog', 'api', name, api?.revision ?? 0], ({ operator }) => operator.catalog.show(name), {
    keepsLast: true,
  });
  const actions = catalog.actions.filter((one) => apiOf(one) === name);
  const groups = groupsOf(actions, filter, wanted);
  const rows = groups.flatMap((group) => group.actions);
  const at = rows.findIndex((one) => operationOf(one) === search.at);
  const selected = rows[at] ?? rows[0];
  const why = useWhyNot('catalog');
  const set = (changed: { readonly show?: string; readonly q?: string; readonly at?: string }) =>
    void navigate({ to: '.', search: { ...search, ...changed }, replace: true });
  const select = (action: ActionInShort | undefined) => action !== undefined && set({ at: operationOf(action) });
  const open = (action: ActionInShort) =>
    void navigate({ to: '/catalog/$api/{-$action}', params: { api: name, action: operationOf(action) }, search: {} });
  const classify = (action: ActionInShort | undefined) => {
    if (action === undefined || why !== null) return;
    select(action);
    setDialog('classify');
  };
  useKeys([
    { keys: 'j', says: 'Next action', run: () => select(rows[Math.max(at, 0) + 1]), repeats: true },
    { keys: 'k', says: 'Action before', run: () => select(rows[at - 1]), repeats: true },
    { keys: 'c', says: 'Classify…', run: () => classify(selected) },
    { keys: 'o', says: 'Open the action', run: () => selected !== undefined && open(selected) },
    { keys: '/', says: 'Find an action', run: () => finder.current?.focus() },
  ]);
  const unclassified = countOf(actions, 'open');
  const pending = shown.data?.review.pending ?? [];
  const held = shown.data?.review.held ?? [];
  return (
    <div className="px-8 py-4 max-sm:px-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <PageTitle tab="Catalog">{name}</PageTitle>
        {api !== undefined && (
          <>
            <span className="rounded-chip border border-line px-1.5 text-caption">revision {api.revision}</span>
            <span className="text-interface text-text-2">
              {formats[api.format]}, imported <Time at={api.importedAt} as="day" />
              {names[api.importedBy] !== undefined && ` by ${names[api.importedBy]}`}
            </span>
          </>
        )}
        <ButtonLink
          to="/catalog/$api/import"
          params={{ api: name }}
          search={{ by: 'file' } as never}
          offBy={why && whyNoCatalog}
          className="ml-auto max-sm:ml-0"
        >
          <FileUp aria-hidden="true" className="size-4" /> Classification file…
        </ButtonLink>
        <ButtonLink to="/catalog/$api/import" params={{ api: name }} offBy={why && whyNoCatalog}>
          <RefreshCw aria-hidden="true" className="size-4" /> Import again…
        </ButtonLink>
      </div>
      {unclassified > 0 && (
        <div className="mt-3 flex flex-wrap items-center gap-x-2 gap-y-1.5 rounded-card border border-ask-line bg-ask-soft px-4 py-2.5 text-interface">
          <span className="text-ask">
            <DecisionMark decision="ask" />
          </span>
          <strong className="font-semibold">
            {unclassified === 1 ? '1 action is not classified.' : `${unclassified} actions are not classified.`}
          </strong>
          <span>
            Until you say, each counts by the strictest that is known of it: a write as irreversible, which asks a
            person.
          </span>
        </div>
      )}
      {(pending.length > 0 || held.length > 0) && (
        <div className="mt-3 flex flex-wrap items-center gap-3 rounded-card border border-line bg-canvas px-4 py-2.5 text-interface">
          <span className="min-w-0 flex-1">
            The API’s file proposes {pending.length === 1 ? '1 change' : `${pending.length} changes`} that nobody has
            confirmed.
            {held.length > 0 && ` ${held.length} held: calls to them are refused until a person confirms.`}
          </span>
          <Button offBy={why && whyNoCatalog} onClick={() => setDialog('confirm')}>
            Look at the proposals…
          </Button>
        </div>
      )}
      <WhyOff id={whyNoCatalog} says={why} className="mt-3 text-caption text-text-2" />
      <div className="mt-3 mb-2 flex flex-wrap items-center gap-3">
        <label className="flex min-h-8 min-w-0 items-center gap-2 rounded-control border border-line-strong bg-surface px-2.5 text-interface focus-within:outline-2 focus-within:outline-accent focus-within:outline-offset-2 max-sm:min-h-11 max-sm:w-full">
          <Search aria-hidden="true" className="size-4 shrink-0 text-text-2" />
          <span className="sr-only">Find an action</span>
          <input
            ref={finder}
            type="search"
            value={wanted}
            onChange={(event) => find(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
            placeholder="Find an action"
            className="min-w-0 flex-1 bg-transparent outline-none placeholder:text-text-2"
          />
          <KeyCap keys="/" />
        </label>
        <TabBar
          label="Which actions"
          value={filter}
          onChange={(to) => set({ show: to === 'all' ? '' : to })}
          tabs={filters.map((value) => ({ value, says: says[value], count: countOf(actions, value) }))}
        />
        <span className="ml-auto text-caption text-text-2 max-xl:hidden">Grouped by effect</span>
      </div>
      {groups.length === 0 ? (
        <EmptyState title={actions.length === 0 ? 'This API has no actions.' : 'No action is like that.'}>
          {actions.length > 0 && (
            <button
              type="button"
              className="text-accent underline"
              onClick={() => {
                setWanted('');
                set({ q: '', show: '' });
              }}
            >
              Show all {actions.length}
            </button>
          )}
        </EmptyState>
      ) : (
        <ActionTable
          groups={groups}
          selected={selected?.id ?? null}
          names={names}
          isOff={why !== null}
          onClassify={classify}
        />
      )}
      {dialog === 'classify' && selected !== undefined && (
        <ClassifyDialog action={selected.id} actions={actions} onClose={() => setDialog(null)} />
      )}
      {dialog === 'confirm' && shown.data !== undefined && (
        <ConfirmProposals api={shown.data} onClose={() => setDialog(null)} />
      )}
    </div>
  );
}
