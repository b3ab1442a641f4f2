import type { ActingTask, Ending } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Countdown } from '../../kit/countdown.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { counted } from '../../kit/say-ending.ts';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { Time } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { pageFiles } from '../../page-files.ts';
import { useReach } from '../../plane/reach.ts';
import { useRead } from '../../plane/use-read.ts';
import { EndActing } from './end-acting.tsx';
import { Left } from './left.tsx';
import { OwnYeses } from './own-yeses.tsx';
import { readEnding } from './read-ending.ts';
import { tasksUnder } from './tasks-under.ts';

/** Every agent that acts for whoever looks, what it has left, and the way to end it. */
export function Page() {
  const { data, isPending, error, refetch } = useRead(['me', 'acting'], ({ operator }) => operator.acting());
  const [ending, setEnding] = useState<ActingTask | null>(null);
  const [ended, setEnded] = useState<Ending | null>(null);
  const tasks = data?.tasks ?? [];
  useKeys([
    { keys: 'j', says: 'Next task', run: () => step(1), repeats: true },
    { keys: 'k', says: 'Task before', run: () => step(-1), repeats: true },
  ]);
  const done = (what: Ending) => {
    setEnding(null);
    setEnded(what);
  };
  return (
    <div className="grid min-h-full content-start gap-5 bg-surface px-7 py-5 max-sm:px-4">
      <header>
        <PageTitle tab="Acting for me" isSentence>
          {data === undefined ? 'What acts for me now' : sentenceOf(tasks)}
        </PageTitle>
        {tasks.length > 0 && (
          <p className="mt-1 max-w-[72ch] text-interface text-text-2">
            Each task below was opened in your name, or handed on from one. It ends by itself at its time; you can end
            it now.
          </p>
        )}
      </header>
      {ended !== null && (
        <p role="status" className="rounded-card border border-line bg-sunken px-4 py-2.5 text-interface">
          {readEnding(ended)}
        </p>
      )}
      {isPending && <Loading />}
      {data === undefined && !isPending && (
        <ErrorState what="What acts for you could not be loaded." error={error} onTryAgain={refetch} />
      )}
      {data !== undefined && tasks.length === 0 && (
        <EmptyState title="No agent acts for you right now.">
          When you open a task for an agent, it is here until it ends. <TextLink to="/tasks/new">Open a task</TextLink>
        </EmptyState>
      )}
      {tasks.length > 0 && (
        <ul aria-label="Tasks that act for you" className="m-0 grid max-w-[880px] list-none gap-3 p-0">
          {tasks.map((task) => (
            <li key={task.task}>
              <Card task={task} from={tasks.find((one) => one.task === task.parent)} onEnd={() => setEnding(task)} />
            </li>
          ))}
        </ul>
      )}
      <OwnYeses />
      {ending !== null && (
        <EndActing
          task={ending}
          under={tasksUnder(tasks, ending)}
          isStillThere={tasks.some((one) => one.task === ending.task)}
          onClose={() => setEnding(null)}
          onEnded={done}
        />
      )}
    </div>
  );
}

function step(by: number): void {
  const cards = [...document.querySelectorAll<HTMLElement>('[data-acting]')];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  cards[at < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, at + by))]?.focus();
}

function sentenceOf(tasks: readonly ActingTask[]): string {
  const agents = new Set(tasks.map(({ agent }) => agent)).size;
  if (tasks.length === 0) return 'Nothing acts for you now';
  const works = tasks.length === 1 ? 'on 1 task' : `on ${tasks.length} tasks`;
  return agents === 1 ? `1 agent acts for you now, ${works}` : `${agents} agents act for you now, ${works}`;
}

type CardProps = { readonly task: ActingTask; readonly from: ActingTask | undefined; readonly onEnd: () => void };

function Card({ task, from, onEnd }: CardProps) {
  const { lostSince } = useReach();
  const agent = { kind: 'agent', name: task.agentName ?? task.agent } as const;
  return (
    <article
      data-acting
      tabIndex={-1}
      aria-labelledby={`agent-${task.task}`}
      className="grid gap-3 rounded-card border border-line p-4"
    >
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="grid min-w-0 gap-1">
          <h2 id={`agent-${task.task}`} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-section">
            <Who who={agent} />{' '}
            <span className="font-normal text-text-2">
              {task.state === 'approved' ? 'may take it, and has not yet' : 'acts for you'}
            </span>
          </h2>
          <p className="text-body wrap-anywhere">
            <q className="rounded-[3px] bg-foreign-soft text-foreign">
              <Foreign inline text={task.purpose.text} />
            </q>
          </p>
          {from !== undefined && (
            <p className="text-caption text-text-2">
              Handed on by <Foreign inline text={from.agentName ?? from.agent} />
            </p>
          )}
        </div>
        <div className="flex flex-wrap items-center gap-3">
          <span className="text-interface">
            <Countdown from={task.openedAt} to={task.expiresAt} />
          </span>
          <Button look="danger-outlined" disabled={lostSince !== null} className="max-sm:min-h-11" onClick={onEnd}>
            End…
            <span className="sr-only">
              {' '}
              the task of <Foreign inline text={agent.name} />
            </span>
          </Button>
        </div>
      </div>
      {task.budget.length > 0 && (
        <div className="grid gap-2">
          {task.budget.map((limit) => (
            <Left key={`${limit.unit} ${limit.actions.join()}`} limit={limit} />
          ))}
        </div>
      )}
      <details>
        <summary className="w-fit cursor-pointer rounded-control text-interface text-text-2 hover:bg-hover">
          What it may do
        </summary>
        <ul className="mt-1.5 mb-0 grid list-disc gap-1 pl-5 text-interface">
          {task.may.map((may) => (
            <li key={may} className="wrap-anywhere">
              <Foreign inline text={may} />
            </li>
          ))}
        </ul>
      </details>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-caption text-text-2">
        <span>
          opened <Time at={task.openedAt} as="day" />, <Time at={task.openedAt} />
        </span>
        {task.questions > 0 && <span className="text-ask">{counted(task.questions, 'question')} waiting</span>}
        {task.elevations > 0 && <span>{counted(task.elevations, 'elevation')} on top of it</span>}
        {task.remembered > 0 && pageFiles.task !== undefined && (
          <Link
            to="/tasks/$task"
            params={{ task: task.task }}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            {counted(task.remembered, 'remembered yes', 'remembered yeses')}
          </Link>
        )}
        <Id id={task.task} label="Copy the id of the task" />
        {pageFiles.run !== undefined && (
          <Link
            to="/runs/$task"
            params={{ task: task.run }}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            Open its run
          </Link>
        )}
      </p>
    </article>
  );
}
