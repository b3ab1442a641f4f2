import { type AgentOverview, parseId } from '@ambit/protocol';
import type { AgentShown, Ending } from '@ambit/sdk/operator';
import { Link, useParams } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { ButtonLink } from '../../kit/button-link.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { LooksLike } from '../../kit/looks-like.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { StateChip } from '../../kit/state-chip.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { WhoMark } from '../../kit/who.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { whyNotOpenTask } from '../../plane/may-begin.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { useRead } from '../../plane/use-read.ts';
import { About } from './about.tsx';
import { GrantsTab } from './grants-tab.tsx';
import { HistoryTab } from './history-tab.tsx';
import { KeysTab } from './keys-tab.tsx';
import { whyNotDo } from './may-do.ts';
import { MayTab } from './may-tab.tsx';
import { Recent } from './recent.tsx';
import { Stopping } from './stopping.tsx';
import { UsersTab } from './users-tab.tsx';

export type Seen = { readonly agent: AgentShown; readonly overview: AgentOverview; readonly owner: string };

const tabs = ['may', 'runs', 'keys', 'grants', 'users', 'history'] as const;
type Tab = (typeof tabs)[number];

/** One agent: what it may do, what it did, and the switch that stops it. */
export function Page() {
  const { agent: given, tab: wanted } = useParams({ strict: false }) as {
    readonly agent?: string;
    readonly tab?: string;
  };
  const id = parseId('agent', given);
  const tab = tabs.find((one) => one === wanted) ?? 'may';
  const shown = useRead(['agents', 'one', id ?? ''], async ({ operator }) => {
    if (id === undefined) throw new Error('No agent has this id.');
    const [agent, overview] = await Promise.all([operator.agents.show(id), operator.agents.overview(id)]);
    return { agent, overview, owner: overview.owner.name ?? agent.owner };
  });
  if (shown.data === undefined) {
    return (
      <div className="p-4">
        <PageTitle tab="Agent">Agent</PageTitle>
        {shown.isError ? (
          <ErrorState
            what="This agent could not be loaded."
            error={shown.error}
            onTryAgain={() => void shown.refetch()}
          >
            <TextLink to="/agents">Show all agents</TextLink>
          </ErrorState>
        ) : (
          <Loading />
        )}
      </div>
    );
  }
  return <Whole key={shown.data.agent.id} seen={shown.data} tab={tab} />;
}

function Whole({ seen, tab }: { readonly seen: Seen; readonly tab: Tab }) {
  const [ending, setEnding] = useState<Ending | null>(null);
  return (
    <div className="min-h-full xl:grid xl:grid-cols-[1fr_344px]">
      <div className="min-w-0 bg-surface">
        <Head seen={seen} />
        <Tabs seen={seen} tab={tab} />
        <div className="grid max-w-[57rem] gap-7 px-8 py-5 max-sm:px-4">
          <Content seen={seen} tab={tab} />
        </div>
      </div>
      <aside
        aria-label="About this agent"
        className="grid content-start gap-6 border-line bg-canvas px-6 py-5 max-xl:border-t max-sm:px-4 xl:border-l"
      >
        <Stopping seen={seen} ending={ending} onEnded={setEnding} />
        <About seen={seen} />
      </aside>
    </div>
  );
}

function Content({ seen, tab }: { readonly seen: Seen; readonly tab: Tab }) {
  if (tab === 'runs') return <Recent seen={seen} isWhole />;
  if (tab === 'keys') return <KeysTab seen={seen} />;
  if (tab === 'grants') return <GrantsTab seen={seen} />;
  if (tab === 'users') return <UsersTab seen={seen} />;
  if (tab === 'history') return <HistoryTab agent={seen.agent.id} />;
  return <MayTab seen={seen} />;
}

function Head({ seen: { agent, owner } }: { readonly seen: Seen }) {
  const { me } = usePlane();
  const { isBusy, fault, run } = useDoing();
  const act = agent.state === 'draft' ? 'activate' : agent.state === 'suspended' ? 'resume' : null;
  const whyNot = act === null ? null : whyNotDo(act, agent, me, owner);
  const [whyNoTask, reason] = [whyNotOpenTask(me, agent), useId()];
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-3 px-8 pt-4 max-sm:px-4">
      <WhoMark who={{ kind: 'agent', name: agent.name }} size="large" />
      <div className="min-w-0 flex-1 basis-60">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <PageTitle tab="Agent">
            <span className="wrap-anywhere">
              <Foreign inline text={agent.name} />
            </span>
          </PageTitle>
          <StateChip of="agent" state={agent.state} />
        </div>
        <p className="text-interface text-text-2 wrap-anywhere">
          <Foreign inline text={agent.purpose} />
        </p>
        <LooksLike of={{ ...agent, kind: 'agent' }} />
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {agent.state === 'active' && (
          <ButtonLink to="/tasks/new" search={{ agent: agent.id } as never} offBy={whyNoTask && `${reason}-task`}>
            <Play aria-hidden="true" className="size-3.5" /> Open a task
          </ButtonLink>
        )}
        {act !== null && (
          <Button
            look="filled"
            offBy={whyNot && reason}
            disabled={isBusy}
            onClick={() =>
              void run(({ operator: { agents } }) =>
                act === 'activate' ? agents.activate(agent.id) : agents.resume(agent.id, 'Resumed in the console.'),
              )
            }
          >
            {act === 'activate' ? 'Activate it' : 'Let it act again'}
          </Button>
        )}
        {agent.state !== 'retired' && (
          <ButtonLink to="/agents/$agent/{-$tab}" params={{ agent: agent.id, tab: 'keys' }}>
            Rotate key…
          </ButtonLink>
        )}
      </div>
      <WhyOff id={reason} says={whyNot} className="basis-full text-caption text-text-2" />
      {agent.state === 'active' && (
        <WhyOff id={`${reason}-task`} says={whyNoTask} className="basis-full text-caption text-text-2" />
      )}
      <div className="basis-full">
        <Fault says={fault} />
      </div>
    </header>
  );
}

function Tabs({ seen: { agent, overview }, tab }: { readonly seen: Seen; readonly tab: Tab }) {
  const said: Readonly<Record<Tab, readonly [string, number | null]>> = {
    may: ['What it may do', null],
    runs: ['Runs', overview.runs?.length ?? null],
    keys: ['Keys', agent.keys.filter(({ holds }) => holds).length],
    grants: ['Standing grants', overview.standingGrants.length],
    users: ['Agent users', agent.users.length],
    history: ['History', null],
  };
  return (
    <nav aria-label="Of this agent" className="mt-3 border-line border-b px-8 max-sm:px-4">
      <ul className="flex flex-wrap gap-x-5">
        {tabs.map((one) => (
          <li key={one}>
            <Link
              to="/agents/$agent/{-$tab}"
              params={{ agent: agent.id, tab: one === 'may' ? undefined : one }}
              aria-current={one === tab ? 'page' : undefined}
              className={`-mb-px inline-flex min-h-9 items-center gap-1 border-b-2 font-medium text-interface max-sm:min-h-11 ${one === tab ? 'border-text text-text' : 'border-transparent text-text-2 hover:text-text'}`}
            >
              {said[one][0]}
              {said[one][1] !== null && <span className="font-normal tabular-nums">{said[one][1]}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
