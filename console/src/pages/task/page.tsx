import { parseId } from '@ambit/protocol';
import type { AgentId, Ending, PersonId, TaskRun } from '@ambit/sdk/operator';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { Id } from '../../kit/id.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { sayCounted, sayEnding } from '../../kit/say-ending.ts';
import { Sentence } from '../../kit/sentence.tsx';
import { StateChip } from '../../kit/state-chip.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { When } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { pageFiles } from '../../page-files.ts';
import { mayReadRun } from '../../plane/may-read-run.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useAgentNames } from '../../plane/use-agent-names.ts';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { isLive } from '../tasks/is-live.ts';
import { Chain } from './chain.tsx';
import { Remembered, useRememberedOf } from './remembered.tsx';
import { treeOf, withBelow } from './tree.ts';

/** One task, watched as it goes: what it may do, what was done under it, whom it was handed on to, and its end. */
export function Page() {
  const { task: given } = useParams({ strict: false }) as { readonly task?: string };
  const id = parseId('task', given);
  const found = useRead(['tasks', 'one', id ?? ''], async ({ operator }) => {
    if (id === undefined) throw new Error('No task has this id.');
    return operator.tasks.show(id);
  });
  if (found.data === undefined) {
    return (
      <div className="p-4">
        <PageTitle tab="Task">Task</PageTitle>
        {found.isError ? (
          <ErrorState what="This task could not be loaded." error={found.error} onTryAgain={() => void found.refetch()}>
            <TextLink to="/tasks">Show all tasks</TextLink>
          </ErrorState>
        ) : (
          <Loading />
        )}
      </div>
    );
  }
  return <Whole key={found.data.task.id} shown={found.data} />;
}

function Whole({ shown }: { readonly shown: TaskRun }) {
  const { task, run } = shown;
  const agents = useAgentNames();
  const names = useNames();
  const requester = task.requester === null ? null : (names[task.requester] ?? task.requester);
  const owner = useOwner(task.agent);
  return (
    <div className="grid max-w-[62rem] gap-7 px-8 py-6 max-sm:px-4">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="grid min-w-0 gap-1.5">
          <PageTitle tab="Task">
            <span className="wrap-anywhere">
              <Foreign inline text={task.purpose.text} />
            </span>
          </PageTitle>
          <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-interface text-text-2">
            <StateChip of="task" state={task.state} />
            {requester === null ? 'Unasked' : <Who who={{ kind: 'person', name: requester }} />}
            <Link
              to="/agents/$agent/{-$tab}"
              params={{ agent: task.agent, tab: undefined }}
              className="hover:underline"
            >
              <Who who={{ kind: 'agent', name: agents[task.agent] ?? task.agent }} lane={task.depth === 0 ? 1 : 2} />
            </Link>
            {isLive(task) ? (
              <span>
                until <When at={task.expiresAt} />
              </span>
            ) : (
              task.endedAt !== null && (
                <span>
                  ended <When at={task.endedAt} as="since" />
                </span>
              )
            )}
          </p>
        </div>
        <End shown={shown} requester={requester} owner={owner} />
      </header>
      <section className="grid gap-2">
        <h2 className="font-semibold text-section">What it may do</h2>
        <GrantLines authority={task.authority} source={task.origin.by === 'delegation' ? 'agent' : 'person'} />
      </section>
      <Lines shown={shown} />
      <Remembered task={task} owner={owner} />
      <Chain branches={treeOf(run)} current={task.id} agents={agents} />
      <section className="grid gap-2">
        <h2 className="font-semibold text-section">About</h2>
        <dl className="m-0 grid grid-cols-[7rem_1fr] gap-y-1.5 text-interface">
          <Row name="Purpose">
            <Foreign inline text={task.purpose.type} />
          </Row>
          <Row name="Opened">
            <When at={task.openedAt} as="since" />
          </Row>
          <Row name="Id">
            <Id id={task.id} label="Copy the id of the task" />
          </Row>
          {task.endedBecause !== null && (
            <Row name="Ended because">
              <Foreign inline text={task.endedBecause} />
            </Row>
          )}
        </dl>
      </section>
    </div>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-text-2">{name}</dt>
      <dd className="m-0 min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

const newestMax = 12;

/** What was done under it, as it happens: the newest lines of its run that are this task’s. */
function Lines({ shown: { task } }: { readonly shown: TaskRun }) {
  const { me } = usePlane();
  const may = mayReadRun(task.requester, me);
  const run = useRead(['runs', 'one', task.root], ({ operator }) => operator.runs.show(task.root), { isOff: !may });
  const own = (run.data?.lines ?? []).filter(({ lane }) => lane === task.id);
  return (
    <section className="grid gap-2">
      <div className="flex items-baseline justify-between">
        <h2 className="font-semibold text-section">What was done</h2>
        {may && pageFiles.run !== undefined && (
          <Link to="/runs/$task" params={{ task: task.root }} className="text-accent text-caption hover:underline">
            The whole run
          </Link>
        )}
      </div>
      {!may && <p className="text-interface text-text-2">Who asked for it, a reviewer or an auditor can read this.</p>}
      {run.isError && run.data === undefined && (
        <ErrorState what="Its run could not be loaded." error={run.error} onTryAgain={() => void run.refetch()} />
      )}
      {may && run.isPending && <Loading />}
      {run.data !== undefined && own.length === 0 && (
        <EmptyState title="Nothing was done under it yet.">
          Its first call is here the moment its agent sends one.
        </EmptyState>
      )}
      {own.length > 0 && (
        <ol className="border-line border-t" aria-label="What was done, oldest first">
          {own.slice(-newestMax).map((line) => (
            <li
              key={line.entry}
              className="flex min-h-8 items-start gap-2.5 border-line border-b py-1.5 text-interface"
            >
              <span className="flex h-5 w-4 shrink-0 items-center">
                {line.decision !== null && <DecisionMark decision={line.decision} />}
              </span>
              <span className="min-w-0 flex-1 wrap-anywhere">
                {line.decision !== null && <span className="sr-only">{line.decision}: </span>}
                <Sentence parts={line.told} />
              </span>
              <span className="shrink-0 text-caption text-text-2">
                <When at={line.at} as="second" />
              </span>
            </li>
          ))}
        </ol>
      )}
      {own.length > newestMax && (
        <p className="text-caption text-text-2">
          The newest {newestMax} of {own.length}.
        </p>
      )}
    </section>
  );
}

function useOwner(agent: AgentId): PersonId | undefined {
  const agents = useRead(['agents', 'list'], ({ operator }) => operator.agents.list({ limit: 500 }));
  return agents.data?.find(({ id }) => id === agent)?.owner;
}

type EndProps = {
  readonly shown: TaskRun;
  /** As people call who asked. */
  readonly requester: string | null;
  readonly owner: PersonId | undefined;
};

/** The end button: for who asked, the agent’s owner or an administrator. The plane looks again. */
function End({ shown, requester, owner }: EndProps) {
  const { task, run, elevations } = shown;
  const { me } = usePlane();
  const [isOpen, setOpen] = useState(false);
  const [ending, setEnding] = useState<Ending | null>(null);
  const isAdministrator = me.roles.some((role) => role === 'administrator');
  const may = task.requester === me.id || owner === me.id || isAdministrator;
  const canEnd = isLive(task) && may;
  const reason = useId();
  const yeses = useRememberedOf(task.id).data?.remembered ?? [];
  useKeys(canEnd ? [{ keys: 'shift+s', says: 'End this task', run: () => setOpen(true) }] : []);
  if (!isLive(task)) {
    return ending === null ? null : (
      <p role="alert" className="max-w-sm rounded-card border border-deny-line bg-surface p-3 text-interface">
        The task is ended. {sayEnding(ending)}
      </p>
    );
  }
  const below = withBelow(run, task.id).filter(isLive);
  const ids = new Set(below.map(({ id }) => id));
  const standing = elevations.filter((one) => ids.has(one.task) && one.state === 'standing').length;
  const remembered = yeses.filter((one) => ids.has(one.task) && one.state === 'standing').length;
  return (
    <div className="grid justify-items-end gap-1 max-sm:justify-items-start">
      <Button look="danger-outlined" offBy={may ? null : reason} shortcut="shift+s" onClick={() => setOpen(true)}>
        End it… {may && <KeyCap keys="shift+s" />}
      </Button>
      {!may && (
        <p id={reason} className="max-w-64 text-caption text-text-2">
          Who asked for it, the agent’s owner or an administrator can end it.
          {requester !== null && (
            <>
              {' '}
              It was asked for by <Foreign inline text={requester} />.
            </>
          )}
        </p>
      )}
      {isOpen && (
        <EndConfirm
          title={
            <>
              End “<Foreign inline text={task.purpose.text} />”
            </>
          }
          confirm="End it"
          ends={[
            `${sayCounted({ tasks: below.length, elevations: standing, remembered }) ?? 'This task'}, with every token of ${below.length === 1 ? 'it' : 'them'}`,
            <Questions key="questions" tasks={ids} />,
            'What was done stays done. A call that is on the way is cut where its answer streams.',
          ]}
          reason={{ usual: 'Ended in the console.' }}
          opensOn="confirm"
          onClose={() => setOpen(false)}
          run={async ({ operator }, reason) => setEnding(await operator.tasks.revoke(task.id, reason))}
        />
      )}
    </div>
  );
}

/** Questions under these tasks, as far as this person may read them. */
function Questions({ tasks }: { readonly tasks: ReadonlySet<string> }) {
  const open = useRead(['approvals', 'inbox'], ({ operator }) => operator.approvals.inbox());
  const many = (open.data?.questions ?? []).filter(({ task, state }) => tasks.has(task) && state === 'parked').length;
  if (many === 0) return 'Questions under it end unanswered';
  return many === 1 ? '1 question ends unanswered' : `${many} questions end unanswered`;
}
