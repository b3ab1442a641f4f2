import type { PersonId, TaskId, TaskShown } from '@ambit/sdk/operator';
import { RememberedList } from '../../kit/remembered-list.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { mayEndRemembered } from '../../plane/may-end-remembered.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';

/** All of the run of a task. Each line of the run may have used some of one. */
export const useRememberedOf = (task: TaskId) =>
  useRead(['runs', 'remembered', task], ({ operator }) => operator.approvals.remembered({ task }));

type RememberedProps = { readonly task: TaskShown; readonly owner: PersonId | undefined };

/** Yeses that let calls of this task go on without asking, those that are over too. */
export function Remembered({ task, owner }: RememberedProps) {
  const { me } = usePlane();
  const found = useRememberedOf(task.id);
  const own = found.data?.remembered.filter((one) => one.task === task.id) ?? [];
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold text-section">Remembered yeses</h2>
      {found.isPending && <Loading />}
      {found.isLoadingError && (
        <ErrorState what="They could not be loaded." error={found.error} onTryAgain={() => void found.refetch()} />
      )}
      {found.data !== undefined && own.length === 0 && (
        <EmptyState title="No yes is remembered for it: each question is asked." />
      )}
      {own.length > 0 && (
        <RememberedList remembered={own} mayEnd={(one) => mayEndRemembered(one, me, { ...task, owner })} />
      )}
    </section>
  );
}
