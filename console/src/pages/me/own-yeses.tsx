import { RememberedList } from '../../kit/remembered-list.tsx';
import { ErrorState } from '../../kit/states.tsx';
import { useRead } from '../../plane/use-read.ts';

/** Yeses of whoever looks that stand for later calls. Most people have none, and read nothing of it. */
export function OwnYeses() {
  const { data, error, isLoadingError, refetch } = useRead(['me', 'remembered'], ({ operator }) =>
    operator.approvals.remembered(),
  );
  if (isLoadingError)
    return (
      <ErrorState what="Your remembered yeses could not be loaded." error={error} onTryAgain={() => void refetch()} />
    );
  if (data === undefined || data.remembered.length === 0) return null;
  return (
    <section className="grid max-w-[880px] gap-2">
      <h2 className="text-section">Yeses of yours that are remembered</h2>
      <p className="max-w-[72ch] text-interface text-text-2">
        Equal or smaller calls of the same task go on without asking you. Each yes ends by itself; you can end it now.
      </p>
      <RememberedList remembered={data.remembered} mayEnd={() => true} />
    </section>
  );
}
