import type { EntryShown } from '@ambit/sdk/operator';
import { ChevronRight } from 'lucide-react';
import { Foreign } from '../../kit/foreign.tsx';

/** The detail as it is kept, beside the header: arguments of agents and answers of APIs are in it. */
export function DetailFold({ shown: { header, detail } }: { readonly shown: EntryShown }) {
  const isThere = typeof detail === 'object' && detail !== null && 'detail' in detail;
  return (
    <section className="grid gap-2">
      {isThere ? (
        <Fold says="The detail, as it is kept" by="What callers and APIs wrote is in it" value={detail.detail} />
      ) : (
        <p className="text-interface text-text-2">
          {detail === 'deleted'
            ? 'The detail was deleted when its time was over. What the entry itself says stays provable.'
            : 'The detail cannot be read: its box does not open, or not to what was sealed.'}
        </p>
      )}
      <Fold says="The entry, as it is hashed" by="The header" value={header} />
    </section>
  );
}

function Fold({ says, by, value }: { readonly says: string; readonly by: string; readonly value: unknown }) {
  return (
    <details className="group">
      <summary className="flex min-h-8 w-fit cursor-pointer list-none items-center gap-1.5 rounded-control pr-2 font-medium text-interface hover:bg-hover max-sm:min-h-11">
        <ChevronRight aria-hidden="true" className="size-4 group-open:rotate-90" />
        {says}
      </summary>
      <div className="mt-2">
        <Foreign by={by} text={JSON.stringify(value, null, 2)} folds="never" />
      </div>
    </details>
  );
}
