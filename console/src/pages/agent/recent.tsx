import type { AgentOverview } from '@ambit/protocol';
import { Link } from '@tanstack/react-router';
import { Foreign } from '../../kit/foreign.tsx';
import { StateChip } from '../../kit/state-chip.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { When } from '../../kit/when.tsx';
import { pageFiles } from '../../page-files.ts';
import { useNames } from '../../plane/use-names.ts';
import type { Seen } from './page.tsx';

type RunShown = NonNullable<AgentOverview['runs']>[number];
const fewMax = 4;

/** Its newest tasks, each with the run that it belongs to. */
export function Recent({ seen, isWhole = false }: { readonly seen: Seen; readonly isWhole?: boolean }) {
  const { overview, agent } = seen;
  const names = useNames();
  const runs = overview.runs ?? [];
  return (
    <section className="grid gap-2">
      <div className="flex items-baseline justify-between">
        <h2 className="font-semibold text-section">Recent runs</h2>
        {!isWhole && runs.length > fewMax && (
          <Link
            to="/agents/$agent/{-$tab}"
            params={{ agent: agent.id, tab: 'runs' }}
            className="text-accent text-caption hover:underline"
          >
            More of them
          </Link>
        )}
      </div>
      {overview.runs === null && (
        <p className="text-interface text-text-2">
          Only its owner, an administrator, a reviewer or an auditor reads what it did. Its owner is{' '}
          <Foreign inline text={seen.owner} />.
        </p>
      )}
      {overview.runs !== null && runs.length === 0 && (
        <EmptyState title="It has not worked yet.">
          <Link to="/tasks/new" search={{ agent: agent.id } as never} className="text-accent underline">
            Open a task for it
          </Link>
        </EmptyState>
      )}
      {runs.length > 0 && (
        <ul className="border-line border-t">
          {(isWhole ? runs : runs.slice(0, fewMax)).map((run) => (
            <Row
              key={run.task}
              run={run}
              requester={run.requester === null ? null : (names[run.requester] ?? run.requester)}
            />
          ))}
        </ul>
      )}
      {isWhole && runs.length > 0 && <p className="text-caption text-text-2">The newest ten.</p>}
    </section>
  );
}

function Row({ run, requester }: { readonly run: RunShown; readonly requester: string | null }) {
  const isLive = run.state === 'active' || run.state === 'approved';
  return (
    <li className="grid min-h-9 grid-cols-[1fr_8rem_7.5rem_8.5rem] items-center gap-x-4 gap-y-0.5 border-line border-b py-1.5 text-interface max-sm:grid-cols-[1fr_auto]">
      <span className="flex min-w-0 flex-wrap gap-x-3 max-sm:col-span-2">
        <Link
          to="/tasks/$task"
          params={{ task: run.task }}
          className="min-h-6 content-center font-medium hover:underline wrap-anywhere"
        >
          <Foreign inline text={run.purpose.text} />
        </Link>
        {pageFiles.run !== undefined && (
          <Link
            to="/runs/$task"
            params={{ task: run.run }}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            its run
          </Link>
        )}
      </span>
      <span className="text-text-2 wrap-anywhere">
        {requester === null ? 'unasked' : <Foreign inline text={requester} />}
      </span>
      <span className="max-sm:justify-self-end">
        {isLive ? <StateChip of="task" state={run.state} /> : <span className="text-text-2">{run.state}</span>}
      </span>
      <span className="text-right text-text-2 max-sm:col-span-2 max-sm:text-left">
        <When at={run.openedAt} as="since" />
      </span>
    </li>
  );
}
