import type { GrantLine } from '@ambit/protocol';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { Time } from '../../kit/when.tsx';
import { useNames } from '../../plane/use-names.ts';
import type { Seen } from './page.tsx';
import { Recent } from './recent.tsx';

/** What a thief of its key could do, what it may do at most, what it used of that, and its newest runs. */
export function MayTab({ seen }: { readonly seen: Seen }) {
  const { agent, overview } = seen;
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
          {...(overview.used !== null && { beside: (line: GrantLine) => <Used line={line} seen={seen} /> })}
        />
      </section>
      <Recent seen={seen} />
    </>
  );
}

function Used({ line, seen: { overview } }: { readonly line: GrantLine; readonly seen: Seen }) {
  const { used } = overview;
  if (used === null) return null;
  const found = used.actions.find(({ action }) => action === line.action);
  if (found === undefined) return used.isWhole ? 'Unused for 30 days' : 'Not among its newest calls';
  const { permit, ask, deny } = found;
  return `${permit} permitted, ${ask} asked, ${deny} denied in 30 days`;
}

/** What is open to whoever holds its key. Each task bounds it; outside of tasks a key opens nothing. */
function Stolen({ seen: { agent, overview } }: { readonly seen: Seen }) {
  const { hanging, runs, standingGrants } = overview;
  if (hanging === null) return null;
  const live = (runs ?? []).filter(({ state }) => state === 'active' || state === 'approved');
  const ends = live.length === hanging.tasks ? Math.max(0, ...live.map(({ expiresAt }) => expiresAt)) : 0;
  const isNothing = agent.state !== 'active' || (hanging.tasks === 0 && standingGrants.length === 0);
  const strong = 'font-semibold text-text';
  return (
    <section aria-labelledby="stolen" className="rounded-card border border-line bg-canvas p-5">
      <h2 id="stolen" className="font-semibold text-interface">
        If its key were stolen now
      </h2>
      <p className="mt-1 max-w-[60ch] text-[1.25rem] text-text-2 leading-7 text-pretty">
        {isNothing ? (
          <>
            A thief could do <b className={strong}>nothing</b>:{' '}
            {agent.state === 'active' ? 'no task of it is open.' : `it is ${agent.state}.`}
          </>
        ) : (
          <>
            A thief could act in{' '}
            <b className={strong}>{hanging.tasks === 1 ? '1 open task' : `${hanging.tasks} open tasks`}</b> within what{' '}
            {hanging.tasks === 1 ? 'it allows' : 'each of them allows'}, and in nothing else.
            {ends > 0 && (
              <>
                {' '}
                At{' '}
                <b className={strong}>
                  <Time at={ends} />
                </b>{' '}
                even that ends.
              </>
            )}
            {standingGrants.length > 0 && (
              <>
                {' '}
                By{' '}
                <b className={strong}>
                  {standingGrants.length === 1 ? '1 standing grant' : `${standingGrants.length} standing grants`}
                </b>{' '}
                it could open more, until{' '}
                <Time at={Math.max(...standingGrants.map(({ expiresAt }) => expiresAt))} as="day" />.
              </>
            )}
          </>
        )}
      </p>
    </section>
  );
}
