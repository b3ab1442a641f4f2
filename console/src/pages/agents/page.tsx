import type { Agent } from '@ambit/sdk/operator';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useId } from 'react';
import { ButtonLink } from '../../kit/button-link.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { LooksLike } from '../../kit/looks-like.tsx';
import { moveInList } from '../../kit/move-in-list.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { readLeft } from '../../kit/read-time.ts';
import { counted } from '../../kit/say-ending.ts';
import { StateChip } from '../../kit/state-chip.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { useNow } from '../../kit/use-now.ts';
import { Time } from '../../kit/when.tsx';
import { Who, WhoMark } from '../../kit/who.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { whyNotRegister } from '../../plane/may-begin.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { lookedBackDays, type Uses, useUses } from './use-uses.ts';

const shown = ['mine', 'active', 'draft', 'suspended', 'retired', 'unused', 'all'] as const;
type Which = (typeof shown)[number];

function isIn(which: Which, agent: Agent, { me, uses }: { readonly me: string; readonly uses: Uses }): boolean {
  if (which === 'all') return true;
  if (which === 'mine') return agent.owner === me && agent.state !== 'retired';
  return which === 'unused' ? isUnused(agent, uses) : agent.state === which;
}

/** It is there, and had no call decided in all that time, or since it was registered. */
const isUnused = ({ id, state }: Agent, uses: Uses): boolean =>
  uses.is === 'counted' && state !== 'retired' && !uses.calls.has(id);

/** Every agent of the organisation: what it is for, whose it is, and whether it may act. */
export function Page() {
  const { me } = usePlane();
  const navigate = useNavigate();
  const { show } = useSearch({ strict: false }) as { readonly show?: string };
  const agents = useRead(['agents', 'list'], ({ operator }) => operator.agents.list({ limit: 500 }));
  const names = useNames();
  const uses = useUses();
  const [whyNot, reason] = [whyNotRegister(me), useId()];
  const offered = shown.filter((one) => one !== 'unused' || uses.is === 'counted');
  const which = offered.find((one) => one === show) ?? 'all';
  useKeys([
    { keys: 'j', says: 'Next agent', run: () => moveInList(1), repeats: true },
    { keys: 'k', says: 'Agent before', run: () => moveInList(-1), repeats: true },
    ...(whyNot === null
      ? [{ keys: 'n', says: 'Register an agent', run: () => void navigate({ to: '/agents/new' }) }]
      : []),
  ]);
  const all = agents.data ?? [];
  const looking = { me: me.id, uses };
  const rows = all.filter((agent) => isIn(which, agent, looking));
  return (
    <div className="grid gap-4 px-8 py-6 max-sm:px-4">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <PageTitle tab="Agents">Agents</PageTitle>
        <div className="grid justify-items-end gap-1 max-sm:justify-items-start">
          <ButtonLink to="/agents/new" look="filled" offBy={whyNot && reason}>
            <Plus aria-hidden="true" className="size-4" /> Register an agent{' '}
            {whyNot === null && <KeyCap keys="n" isOnFill />}
          </ButtonLink>
          <WhyOff id={reason} says={whyNot} />
        </div>
      </header>
      {agents.isError && agents.data === undefined && (
        <ErrorState
          what="The agents could not be loaded."
          error={agents.error}
          onTryAgain={() => void agents.refetch()}
        />
      )}
      {agents.isPending && <Loading />}
      {agents.isSuccess && all.length === 0 && (
        <EmptyState title="No agent is registered yet.">
          {whyNot === null && (
            <>
              <Link to="/agents/new" className="text-accent underline">
                Register an agent
              </Link>{' '}
            </>
          )}
          It is a draft, without any power, until its owner activates it.
        </EmptyState>
      )}
      {all.length > 0 && (
        <>
          <TabBar
            label="Which agents"
            value={which}
            onChange={(value) => void navigate({ to: '/agents', search: { show: value } as never })}
            tabs={offered.map((value) => ({
              value,
              says: value === 'mine' ? 'Mine' : `${value.slice(0, 1).toUpperCase()}${value.slice(1)}`,
              count: all.filter((agent) => isIn(value, agent, looking)).length,
            }))}
          />
          {uses.is === 'failed' && (
            <ErrorState what="How much each of them was used could not be counted." error={uses.error} />
          )}
          {which === 'unused' && (
            <p className="max-w-[72ch] text-interface text-text-2">
              None of these had a call decided for {lookedBackDays} days, or since it was registered. Its owner or an
              administrator suspends or retires it on its page.
            </p>
          )}
          {rows.length === 0 ? (
            <EmptyState title={which === 'mine' ? 'No agent is yours.' : `No ${which} agents.`}>
              <Link to="/agents" className="text-accent underline">
                Show all {all.length}
              </Link>
            </EmptyState>
          ) : (
            <ul aria-label="Agents" className="border-line border-t">
              {rows.map((agent) => (
                <Row key={agent.id} agent={agent} owner={names[agent.owner] ?? agent.owner} uses={uses} />
              ))}
            </ul>
          )}
        </>
      )}
    </div>
  );
}

function sayCalls(calls: number, ageMs: number): string {
  if (calls === 0 && ageMs < lookedBackDays * 86_400_000) return 'no call yet';
  return `${calls === 0 ? 'no call' : counted(calls, 'call')} in ${lookedBackDays} days`;
}

type RowProps = { readonly agent: Agent; readonly owner: string; readonly uses: Uses };

function Row({ agent, owner, uses }: RowProps) {
  const now = useNow();
  return (
    <li className="border-line border-b">
      <Link
        to="/agents/$agent/{-$tab}"
        params={{ agent: agent.id, tab: undefined }}
        data-in-list
        className="grid min-h-14 grid-cols-[1fr_10rem_7rem_13rem] items-center gap-x-4 gap-y-1 px-2 py-2 hover:bg-hover max-lg:grid-cols-[1fr_auto]"
      >
        <span className="flex min-w-0 items-center gap-3">
          <WhoMark who={{ kind: 'agent', name: agent.name }} size="large" />
          <span className="min-w-0">
            <span className="block font-medium text-interface wrap-anywhere">
              <Foreign inline text={agent.name} />
            </span>
            <span className="block text-caption text-text-2 wrap-anywhere">
              <Foreign inline text={agent.purpose} />
            </span>
            <LooksLike of={{ ...agent, kind: 'agent' }} />
          </span>
        </span>
        <span className="text-interface max-lg:order-1 max-lg:pl-11">
          <Who who={{ kind: 'person', name: owner }} />
        </span>
        <span>
          <StateChip of="agent" state={agent.state} />
        </span>
        <span className="text-caption text-text-2 max-lg:order-2">
          <span className="block">
            {readLeft(now - agent.createdAt)} old, until <Time at={agent.expiresAt} as="day" />
          </span>
          {uses.is === 'counted' && agent.state !== 'retired' && (
            <span className={`block ${isUnused(agent, uses) ? 'text-ask' : ''}`}>
              {sayCalls(uses.calls.get(agent.id) ?? 0, now - agent.createdAt)}
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}
