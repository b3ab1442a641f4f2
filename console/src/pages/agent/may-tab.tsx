import type { GrantLine } from '@ambit/protocol';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { LimitBar } from '../../kit/limit-bar.tsx';
import { Time } from '../../kit/when.tsx';
import { useNames } from '../../plane/use-names.ts';
import type { Seen } from './page.tsx';
import { Recent } from './recent.tsx';
import { Stolen } from './stolen.tsx';

/** What a thief of its key could do, what it may do at most, what it used of that, and its newest runs. */
export function MayTab({ seen }: { readonly seen: Seen }) {
  const { agent } = seen;
  const names = useNames();
  return (
    <>
      <Stolen seen={seen} />
      <section className="grid gap-2">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <h2 className="font-semibold text-section">What it may do</h2>
          <p className="text-caption text-text-2">
            Ceiling set by <Foreign inline text={names[agent.createdBy] ?? agent.createdBy} />,{' '}
            <Time at={agent.createdAt} as="day" />
          </p>
        </div>
        <p className="max-w-[72ch] text-caption text-text-2">
          The most that any task may give it. By itself it gives nothing.
        </p>
        <GrantLines
          authority={agent.ceiling}
          source="person"
          isOverTasks
          beside={(line: GrantLine) => <Used line={line} seen={seen} />}
        />
      </section>
      <Recent seen={seen} />
    </>
  );
}

/** What is left of the limits of its grant, and how its calls were decided. */
function Used({ line, seen: { agent, overview } }: { readonly line: GrantLine; readonly seen: Seen }) {
  const limits = overview.budget.filter(({ grant }) => grant === line.grant);
  return (
    <div className="grid gap-1.5">
      {limits.map((limit) => (
        <LimitBar key={`${limit.unit} ${limit.seconds}`} title="Over all its tasks" limit={limit} />
      ))}
      {overview.used !== null && <p>{sayUses(line.action, overview.used, agent.createdAt)}</p>}
    </div>
  );
}

function sayUses(action: string, used: NonNullable<Seen['overview']['used']>, createdAt: number): string {
  const found = used.actions.find((one) => one.action === action);
  if (found === undefined && !used.isWhole) return 'Not among its newest calls';
  if (found === undefined) return createdAt > used.since ? 'Not used yet' : 'Unused for 30 days';
  const { permit, ask, deny } = found;
  return `${permit} permitted, ${ask} asked, ${deny} denied in 30 days`;
}
