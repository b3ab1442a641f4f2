import type { AgentId } from '@ambit/protocol';
import { Link } from '@tanstack/react-router';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { When } from '../../kit/when.tsx';
import { pageFiles } from '../../page-files.ts';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';

/** What people did to the agent, as the log has it: as far as the caller may read it. */
export function HistoryTab({ agent }: { readonly agent: AgentId }) {
  const names = useNames();
  const found = useRead(['log', 'agent', agent], ({ operator }) =>
    operator.log.search({ resource: `ambit:agent/${agent}`, limit: 100 }),
  );
  if (found.data === undefined)
    return found.isError ? (
      <ErrorState what="Its history could not be loaded." error={found.error} onTryAgain={() => void found.refetch()} />
    ) : (
      <Loading />
    );
  const { entries, next } = found.data;
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold text-section">History</h2>
      {entries.length === 0 ? (
        <EmptyState title="No entry about it that you may read.">
          An auditor reads the whole log; others read what was done for them.
        </EmptyState>
      ) : (
        <ol className="border-line border-t">
          {entries.map(({ header: { id, kind, at, who } }) => (
            <li key={id} className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-0.5 border-line border-b py-1.5">
              <span className="min-w-0 flex-1 text-interface">
                {pageFiles.entry === undefined ? (
                  <>
                    {sayKind(kind)} <Id id={id} label="Copy the id of the entry" isShort />
                  </>
                ) : (
                  <Link to="/log/$entry" params={{ entry: id }} className="hover:underline">
                    {sayKind(kind)}
                  </Link>
                )}
              </span>
              <span className="text-interface text-text-2">
                {who.requester === null ? 'Ambit' : <Foreign inline text={names[who.requester] ?? who.requester} />}
              </span>
              <span className="text-caption text-text-2">
                <When at={at} as="since" />
              </span>
            </li>
          ))}
        </ol>
      )}
      {next !== null && <p className="text-caption text-text-2">The newest of them. The log has the rest.</p>}
    </section>
  );
}

/** `identity.agent-suspended` is `Agent suspended`. */
function sayKind(kind: string): string {
  const words = (kind.split('.').at(-1) ?? kind).replaceAll('-', ' ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
