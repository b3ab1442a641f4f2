import type { UnmatchedGroup } from '@ambit/sdk/operator';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { When } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { useCatalog } from '../../plane/use-catalog.ts';
import { useDoing } from '../../plane/use-doing.ts';
import { useRead } from '../../plane/use-read.ts';
import { CatalogFrame } from '../catalog/catalog-frame.tsx';
import { useWhyNot, whyNoCatalog } from '../catalog/use-why-not.ts';

/** Calls that no action fits: each was refused. A person may make an action of them. */
export function Page() {
  const catalog = useCatalog();
  const groups = useRead(['catalog', 'unmatched'], ({ operator }) => operator.catalog.unmatched());
  const why = useWhyNot('catalog');
  const [open, setOpen] = useState<UnmatchedGroup | null>(null);
  return (
    <CatalogFrame catalog={catalog.data} at="unmatched">
      <div className="px-8 py-4 max-sm:px-4">
        <PageTitle tab="Unmatched calls">Unmatched calls</PageTitle>
        <p className="mt-1 max-w-[72ch] text-interface text-text-2">
          Agents tried these, and no action of the catalog fits. Each was refused, and nothing was sent. What looks like
          an id is folded.
        </p>
        <WhyOff id={whyNoCatalog} says={why} className="mt-2 text-caption text-text-2" />
        {groups.isPending && <Loading />}
        {groups.isError && groups.data === undefined && (
          <ErrorState
            what="The unmatched calls could not be loaded."
            error={groups.error}
            onTryAgain={groups.refetch}
          />
        )}
        {groups.data?.length === 0 && (
          <EmptyState title="Every call fitted an action.">
            Calls that fit none are refused, and stand here from then on.
          </EmptyState>
        )}
        <ul className="mt-4 grid border-line border-t">
          {groups.data?.map((group) => (
            <li
              key={group.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b py-3 text-interface"
            >
              <div className="min-w-0 flex-1 basis-72">
                <p className="code font-medium wrap-anywhere">
                  {group.method} <Foreign inline text={group.shape} />
                </p>
                <p className="text-caption text-text-2">
                  {group.api}, {group.count === 1 ? 'once' : `at least ${group.count.toLocaleString()} times`}, last{' '}
                  <When at={group.lastAt} as="since" />. For example{' '}
                  <span className="code wrap-anywhere">
                    <Foreign inline text={group.example} />
                  </span>
                </p>
              </div>
              <Button offBy={why && whyNoCatalog} onClick={() => setOpen(group)} className="max-sm:min-h-11">
                Make it an action…<span className="sr-only"> of {group.api}</span>
              </Button>
            </li>
          ))}
        </ul>
      </div>
      {open !== null && <PromoteDialog group={open} onClose={() => setOpen(null)} />}
    </CatalogFrame>
  );
}

function PromoteDialog({ group, onClose }: { readonly group: UnmatchedGroup; readonly onClose: () => void }) {
  const [operation, setOperation] = useState('');
  const doing = useDoing();
  const promote = async () => {
    if (
      await doing.run(({ operator }) =>
        operator.catalog.promote(group.id, operation.trim() === '' ? undefined : operation.trim()),
      )
    )
      onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => void promote()}
      isBusy={doing.isBusy}
      opensOn="inside"
      title={<h2 className="text-title">Make an action of these calls</h2>}
      confirm="Make it an action"
    >
      <p className="code mt-2 wrap-anywhere">
        {group.method} <Foreign inline text={group.shape} />
      </p>
      <p className="mt-2 text-interface text-text-2">
        It counts by the strictest that is known of it, until you classify it. No task covers it until somebody grants
        it.
      </p>
      <label className="mt-3 grid gap-1 text-interface">
        <span className="font-medium">Its name in {group.api} (made of its path, if empty)</span>
        <input
          data-first-focus
          value={operation}
          onChange={(event) => setOperation(event.target.value)}
          placeholder="orders.export"
          spellCheck={false}
          className="code min-h-9 rounded-control border border-line-strong bg-surface px-2.5 placeholder:text-text-2 max-sm:min-h-11"
        />
      </label>
      <Fault says={doing.fault} />
    </ConfirmDialog>
  );
}
