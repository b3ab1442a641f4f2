import type { Approval } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import type { Named } from '../../kit/look-alikes.ts';
import { Time } from '../../kit/when.tsx';
import { WhoMark } from '../../kit/who.tsx';
import { pageFiles } from '../../page-files.ts';
import { mayReadTask } from '../../plane/may-read-run.ts';
import { useMe } from '../../plane/use-me.ts';

const LooksLike = lazy(async () => ({ default: (await import('../../kit/looks-like.tsx')).LooksLike }));

/** Who asked, who acts for them, link by link, and in which task. */
export function WhoActs({ approval: { shown, card, requester, task } }: { readonly approval: Approval }) {
  const mayRead = mayReadTask(requester, useMe());
  return (
    <ol className="flex flex-wrap items-center gap-x-4 gap-y-2">
      {requester !== null && <One title="Asked by" who={{ kind: 'person', id: requester, name: shown.requester }} />}
      {card.chain.map(({ task: link, agent }, at) => (
        <One
          key={link}
          title={at === card.chain.length - 1 ? 'Acts' : 'Handed on by'}
          who={
            'agent' in agent
              ? { kind: 'agent', id: agent.agent, name: agent.name ?? agent.agent }
              : { kind: 'agent', id: '', name: '' }
          }
          lane={at === 0 ? 1 : 2}
          isAfter={at > 0 || requester !== null}
        />
      ))}
      <li className="flex min-w-0 items-center gap-4">
        <Arrow />
        <div className="min-w-0">
          <p className="text-caption text-text-2">
            Task
            {card.task.until !== null && (
              <>
                , until <Time at={card.task.until} />
              </>
            )}
          </p>
          <p className="font-medium text-interface wrap-anywhere">
            <TaskLink task={task} isOff={!mayRead}>
              <Foreign inline text={card.task.purpose.value} />
            </TaskLink>
          </p>
          {!mayRead && (
            <p className="text-caption text-text-2">
              Whoever asked for it, and reviewers, can open the task and its run.
            </p>
          )}
        </div>
      </li>
    </ol>
  );
}

type OneProps = { readonly title: string; readonly who: Named; readonly lane?: 1 | 2; readonly isAfter?: boolean };

function One({ title, who, lane = 1, isAfter = false }: OneProps) {
  return (
    <li className="flex min-w-0 items-center gap-4">
      {isAfter && <Arrow />}
      <span className="flex min-w-0 items-center gap-2.5">
        <WhoMark who={who} size="large" lane={lane} />
        <span className="min-w-0">
          <span className="block text-caption text-text-2">{title}</span>
          <span className="block font-medium text-interface wrap-anywhere">
            <Foreign inline text={who.name} />
          </span>
          <Suspense>
            <LooksLike of={who} />
          </Suspense>
        </span>
      </span>
    </li>
  );
}

const Arrow = () => <ArrowRight aria-hidden="true" className="size-4 shrink-0 text-text-2" />;

type TaskLinkProps = { readonly task: string; readonly isOff: boolean; readonly children: ReactNode };

function TaskLink({ task, isOff, children }: TaskLinkProps) {
  if (isOff || pageFiles.task === undefined)
    return (
      <>
        {children} <Id id={task} label="Copy the id of the task" />
      </>
    );
  return (
    <Link to="/tasks/$task" params={{ task }} className="text-accent hover:underline">
      {children}
    </Link>
  );
}
