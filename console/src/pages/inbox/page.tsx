import { Foreign } from '../../kit/foreign.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { useRead } from '../../plane/use-read.ts';

export function Page() {
  const open = useRead(['approvals', 'parked'], ({ operator }) => operator.approvals.list());
  return (
    <section className="grid gap-4 p-6">
      <PageTitle tab="Inbox">Inbox</PageTitle>
      {open.isPending && <Loading />}
      {open.isError && (
        <ErrorState what="The inbox could not be loaded." error={open.error} onTryAgain={open.refetch} />
      )}
      {open.data?.length === 0 && (
        <EmptyState title="Nothing waits for you.">
          Questions appear here the moment an agent needs a person.
        </EmptyState>
      )}
      <ul>
        {open.data?.map(({ id, shown }) => (
          <li key={id}>
            <Foreign inline text={shown.sentence} />
          </li>
        ))}
      </ul>
    </section>
  );
}
