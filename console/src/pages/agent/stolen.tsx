import type { OpenTask } from '@ambit/protocol';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { LimitBar } from '../../kit/limit-bar.tsx';
import { readAmount } from '../../kit/read-amount.ts';
import { counted } from '../../kit/say-ending.ts';
import { Loading } from '../../kit/states.tsx';
import { useNow } from '../../kit/use-now.ts';
import { Moment } from '../../kit/when.tsx';
import { useEveryActionWord } from '../../plane/use-action-words.ts';
import type { Seen } from './page.tsx';
import { type MostMoved, type Theft, theftOf } from './theft.ts';

/** What is open to whoever holds its key. Each task bounds it; outside of tasks and standing grants a key opens nothing. */
export function Stolen({ seen }: { readonly seen: Seen }) {
  const { agent, overview } = seen;
  const { open, standingGrants } = overview;
  if (open === null) return null;
  const isNothing = agent.state !== 'active' || (open.tasks.length === 0 && standingGrants.length === 0);
  return (
    <section aria-labelledby="stolen" className="grid gap-3 rounded-card border border-line bg-canvas p-5">
      <h2 id="stolen" className="font-semibold text-interface">
        If its key were stolen now
      </h2>
      {isNothing ? (
        <Said>
          A thief could do <Strong>nothing</Strong>:{' '}
          {agent.state === 'active' ? 'no task of it is open.' : `it is ${agent.state}.`}
        </Said>
      ) : (
        <Something seen={seen} open={open} />
      )}
    </section>
  );
}

type SomethingProps = { readonly seen: Seen; readonly open: NonNullable<Seen['overview']['open']> };

function Something({ seen: { agent, overview }, open: { tasks, isWhole } }: SomethingProps) {
  const { standingGrants, budget } = overview;
  const now = useNow();
  const parts = [...tasks, ...tasks.flatMap(({ elevations }) => elevations), ...standingGrants];
  const wordsOf = useEveryActionWord([...parts.flatMap(({ authority }) => authority), ...agent.ceiling]);
  const ends = Math.max(...parts.map(({ expiresAt }) => expiresAt));
  const where = [
    ...(tasks.length === 0 ? [] : [`${isWhole ? '' : 'more than '}${counted(tasks.length, 'open task')}`]),
    ...(standingGrants.length === 0 ? [] : [counted(standingGrants.length, 'standing grant')]),
  ].join(' and ');
  const isOne = tasks.length + standingGrants.length === 1;
  const ceiling = { authority: agent.ceiling, budget };
  // Without the words nobody knows what moves money: it is left open, and never said to be none.
  const theft =
    wordsOf === null || wordsOf === 'no answer' || !isWhole
      ? null
      : theftOf(tasks, standingGrants, ceiling, { now, wordsOf });
  if (wordsOf === null) return <Loading />;
  return (
    <>
      <Said>
        A thief could {theft !== null && <Moved theft={theft} />}act within what <Strong>{where}</Strong>{' '}
        {isOne ? 'allows' : 'allow'}, and in nothing else. At{' '}
        <Strong>
          <Moment at={ends} />
        </Strong>{' '}
        even that ends.
      </Said>
      <details>
        <summary className="min-h-6 w-fit cursor-pointer rounded-control text-accent text-interface">
          Show what is open
        </summary>
        <ul className="mt-2 grid gap-5">
          {tasks.map((task) => (
            <Open key={task.task} task={task} />
          ))}
        </ul>
        {standingGrants.length > 0 && (
          <p className="mt-3 text-interface">
            <Link
              to="/agents/$agent/{-$tab}"
              params={{ agent: agent.id, tab: 'grants' }}
              className="text-accent underline"
            >
              What it may do unasked
            </Link>
          </p>
        )}
      </details>
    </>
  );
}

const asked: Readonly<Record<Theft['asks'], string>> = {
  always: ' and only after a person’s yes',
  partly: ', part of it only after a person’s yes',
  never: '',
};

function Moved({ theft: { sums, asks } }: { readonly theft: Theft }) {
  if (sums.length === 0) return 'move no money, and ';
  return (
    <>
      move{' '}
      {sums.map((sum, at) => (
        <span key={sum.currency}>
          {at > 0 && (at === sums.length - 1 ? ' and ' : ', ')}
          {sum.atMost === null ? '' : 'at most '}
          <Strong>{saySum(sum)}</Strong>
        </span>
      ))}
      {asked[asks]}, and otherwise{' '}
    </>
  );
}

function saySum({ currency, atMost }: MostMoved): string {
  if (atMost === null) return currency === null ? 'any amount of any currency' : `any amount of ${currency}`;
  return currency === null ? `${atMost} of any currency` : readAmount(atMost, currency);
}

/** One task with its purpose, its end and what is left of its limits. */
function Open({ task }: { readonly task: OpenTask }) {
  return (
    <li className="grid gap-2 border-line border-t pt-3">
      <p className="flex flex-wrap items-baseline gap-x-3 text-interface">
        <Link to="/tasks/$task" params={{ task: task.task }} className="font-medium hover:underline wrap-anywhere">
          <Foreign inline text={task.purpose.text} />
        </Link>
        <span className="text-text-2">
          {task.state === 'approved' ? 'not taken yet, ' : ''}until <Moment at={task.expiresAt} />
        </span>
      </p>
      {task.budget.map((limit) => (
        <LimitBar key={`${limit.grant} ${limit.unit} ${limit.seconds}`} title="Budget of the task" limit={limit} />
      ))}
      <GrantLines authority={task.authority} source="person" />
      {task.elevations.map((one) => (
        <div key={one.expiresAt} className="grid gap-2">
          <p className="text-interface">
            And by an elevation, until <Moment at={one.expiresAt} />:
          </p>
          {one.budget.map((limit) => (
            <LimitBar key={`${limit.grant} ${limit.unit} ${limit.seconds}`} title="Budget beside it" limit={limit} />
          ))}
          <GrantLines authority={one.authority} source="person" />
        </div>
      ))}
    </li>
  );
}

const Said = ({ children }: { readonly children: ReactNode }) => (
  <p className="max-w-[60ch] text-[1.25rem] text-text-2 leading-7 text-pretty">{children}</p>
);

const Strong = ({ children }: { readonly children: ReactNode }) => (
  <b className="font-semibold text-text">{children}</b>
);
