import type { TaskShown } from '@ambit/sdk/operator';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useId } from 'react';
import { ButtonLink } from '../../kit/button-link.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { moveInList } from '../../kit/move-in-list.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { readSince } from '../../kit/read-time.ts';
import { StateChip } from '../../kit/state-chip.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { useNow } from '../../kit/use-now.ts';
import { Time } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { whyNotOpenTask } from '../../plane/may-begin.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useAgentNames } from '../../plane/use-agent-names.ts';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { isLive } from './is-live.ts';

const shown = ['live', 'completed', 'revoked', 'expired', 'all'] as const;
type Which = (typeof shown)[number];

const isIn = (which: Which, task: TaskShown): boolean =>
  which === 'all' || (which === 'live' ? isLive(task) : task.state === which);

/** What agents are told to do, newest first: one’s own, or all of them for whoever may read them. */
export function Page() {
  const { me } = usePlane();
  const navigate = useNavigate();
  const { show } = useSearch({ strict: false }) as { readonly show?: string };
  const which = shown.find((one) => one === show) ?? 'live';
  const tasks = useRead(['tasks', 'list'], ({ operator }) => operator.tasks.list());
  const agents = useAgentNames();
  const names = useNames();
  const [whyNot, reason] = [whyNotOpenTask(me), useId()];
  useKeys([
    { keys: 'j', says: 'Next task', run: () => moveInList(1), repeats: true },
    { keys: 'k', says: 'Task before', run: () => moveInList(-1), repeats: true },
    ...(whyNot === null ? [{ keys: 'n', says: 'Open a task', run: () => void navigate({ to: '/tasks/new' }) }] : []),
  ]);
  const all = tasks.data ?? [];
  const rows = all.filter((task) => isIn(which, task));
  return (
    <div className="grid gap-4 px-8 py-6 max-sm:px-4">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <PageTitle tab="Tasks">Tasks</PageTitle>
        <div className="grid max-w-md justify-items-end gap-1 max-sm:justify-items-start">
          <ButtonLink to="/tasks/new" look="filled" offBy={whyNot && reason}>
            <Plus aria-hidden="true" className="size-4" /> Open a task {whyNot === null && <KeyCap keys="n" isOnFill />}
          </ButtonLink>
          <WhyOff id={reason} says={whyNot} />
        </div>
      </header>
      {tasks.isError && tasks.data === undefined && (
        <ErrorState what="The tasks could not be loaded." error={tasks.error} onTryAgain={() => void tasks.refetch()} />
      )}
      {tasks.isPending && <Loading />}
      {tasks.isSuccess && all.length === 0 && (
        <EmptyState title="No task was opened yet.">
          An agent can do nothing outside of one.{' '}
          {whyNot === null ? (
            <Link to="/tasks/new" className="text-accent underline">
              Open a task
            </Link>
          ) : (
            me.roles.includes('administrator') && (
              <Link
                to="/settings/{-$tab}"
                params={{ tab: 'people' }}
                search={{ person: me.id } as never}
                className="text-accent underline"
              >
                Say what you may hand to agents
              </Link>
            )
          )}
        </EmptyState>
      )}
      {all.length > 0 && (
        <>
          <TabBar
            label="Which tasks"
            value={which}
            onChange={(value) => void navigate({ to: '/tasks', search: { show: value } as never })}
            tabs={shown.map((value) => ({
              value,
              says: `${value.slice(0, 1).toUpperCase()}${value.slice(1)}`,
              count: all.filter((task) => isIn(value, task)).length,
            }))}
          />
          {rows.length === 0 ? (
            <EmptyState title={which === 'live' ? 'No task is open.' : `No ${which} tasks.`}>
              <Link to="/tasks" search={{ show: 'all' } as never} className="text-accent underline">
                Show all {all.length}
              </Link>
            </EmptyState>
          ) : (
            <ul aria-label="Tasks" className="border-line border-t">
              {rows.map((task) => (
                <Row
                  key={task.id}
                  task={task}
                  agent={agents[task.agent] ?? task.agent}
                  requester={task.requester === null ? null : (names[task.requester] ?? task.requester)}
                  isMine={task.requester === me.id}
                />
              ))}
            </ul>
          )}
          {all.length === 500 && <p className="text-caption text-text-2">The newest 500.</p>}
        </>
      )}
    </div>
  );
}

type RowProps = {
  readonly task: TaskShown;
  readonly agent: string;
  readonly requester: string | null;
  readonly isMine: boolean;
};

function Row({ task, agent, requester, isMine }: RowProps) {
  const now = useNow();
  return (
    <li className="border-line border-b">
      <Link
        to="/tasks/$task"
        params={{ task: task.id }}
        data-in-list
        className="grid min-h-12 grid-cols-[1fr_11rem_9rem_8rem_9rem] items-center gap-x-4 gap-y-1 px-2 py-2 text-interface hover:bg-hover max-lg:grid-cols-[auto_1fr_auto]"
      >
        <span className="min-w-0 font-medium wrap-anywhere max-lg:col-span-2">
          <Foreign inline text={task.purpose.text} />
          {task.depth > 0 && (
            <span className="block font-normal text-caption text-text-2">handed on by another task</span>
          )}
        </span>
        <span className="min-w-0 max-lg:order-1">
          <Who who={{ kind: 'agent', name: agent }} lane={task.depth === 0 ? 1 : 2} />
        </span>
        <span className="text-text-2 max-lg:order-1">
          {requester === null ? 'unasked' : isMine ? 'for you' : <Foreign inline text={requester} />}
        </span>
        <span>
          <StateChip of="task" state={task.state} />
        </span>
        <span className="text-caption text-text-2 max-lg:order-2">
          {isLive(task) ? (
            <>
              until <Time at={task.expiresAt} />
            </>
          ) : (
            readSince(task.endedAt ?? task.expiresAt, now)
          )}
        </span>
      </Link>
    </li>
  );
}
