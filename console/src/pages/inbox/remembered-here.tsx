import type { Approval, Bounds } from '@ambit/sdk/operator';
import { rememberableOf } from '@ambit/sdk/operator';
import { BoundsSaid } from '../../kit/bounds-said.tsx';
import { RememberedList } from '../../kit/remembered-list.tsx';
import { ErrorState } from '../../kit/states.tsx';
import { mayEndRemembered } from '../../plane/may-end-remembered.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';

/** What the answer to this question stands for besides: how far, how much of that is used, and its end. */
export function RememberedHere({ approval, bounds }: { readonly approval: Approval; readonly bounds: Bounds }) {
  const { me } = usePlane();
  const { id, task } = approval;
  const { data, error, isLoadingError, refetch } = useRead(['approvals', 'remembered', task], ({ operator }) =>
    operator.approvals.remembered({ task }),
  );
  if (isLoadingError)
    return (
      <ErrorState what="What is remembered could not be loaded." error={error} onTryAgain={() => void refetch()} />
    );
  const own = data?.remembered.filter((one) => one.approval === id) ?? [];
  const rememberable = rememberableOf(approval);
  return (
    <section aria-label="Remembered" className="grid gap-2">
      <p className="font-semibold text-body">This yes is remembered for calls to come:</p>
      {own.length === 0 ? (
        // What was signed, until the row of it is here.
        <p className="text-interface text-text-2">
          <BoundsSaid bounds={bounds} amount={'widest' in rememberable ? rememberable.widest.amount : null} />
        </p>
      ) : (
        <RememberedList
          remembered={own}
          mayEnd={(one) => mayEndRemembered(one, me, approval)}
          leadsToQuestion={false}
        />
      )}
    </section>
  );
}
