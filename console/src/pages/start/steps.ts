import { type AgentId, parseId, type TaskId } from '@ambit/protocol';
import type { Agent, AgentShown, Api, Run, RunLine } from '@ambit/sdk/operator';
import { useSearch } from '@tanstack/react-router';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';

export const stepNames = ['passkey', 'api', 'agent', 'call', 'yes'] as const;
export type StepName = (typeof stepNames)[number];

/** What the address says: which API, agent and task this start is about. */
export type Chosen = { readonly api?: string; readonly agent?: string; readonly task?: string; readonly ask?: string };

/** How far the organisation is. Nothing of it is kept here: it is what the plane knows, so people leave and come back. */
export type Progress = {
  readonly chosen: Chosen;
  readonly passkey: string | null;
  readonly api: Api | null;
  readonly agent: Agent | AgentShown | null;
  /** Active agents of other people: who answers for them goes on with them. */
  readonly others: readonly Agent[];
  /** The agent has brought a key that holds. */
  readonly hasKey: boolean;
  readonly first: Watched;
  readonly yes: Watched;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly tryAgain: () => void;
};

/** A task, and the first call that was decided under it. */
export type Watched = { readonly task: TaskId | null; readonly run: Run | null; readonly line: RunLine | null };

export function useProgress(): Progress {
  const { me } = usePlane();
  const chosen = useSearch({ strict: false }) as Chosen;
  const apis = useRead(['catalog', 'apis'], ({ operator }) => operator.catalog.list());
  const agents = useRead(['agents', 'list'], ({ operator }) => operator.agents.list());
  const own = (agents.data ?? []).filter(({ owner, state }) => owner === me.id && state === 'active');
  const agent = own.find(({ id }) => id === chosen.agent) ?? own.at(-1) ?? null;
  const shown = useRead(
    ['agents', 'begun', agent?.id ?? null],
    ({ operator }) => operator.agents.show(agent?.id as AgentId),
    {
      isOff: agent === null,
    },
  );
  const first = useWatched(chosen.task);
  const yes = useWatched(chosen.ask);
  const every = [apis, agents];
  return {
    chosen,
    passkey: me.keys.find(({ passkey, state }) => passkey !== null && state === 'active')?.label ?? null,
    api: apis.data?.apis.find(({ name }) => name === chosen.api) ?? apis.data?.apis.at(-1) ?? null,
    agent: shown.data ?? agent,
    others: (agents.data ?? []).filter(({ owner, state }) => owner !== me.id && state === 'active'),
    hasKey: (shown.data?.keys ?? []).some(({ holds }) => holds),
    first,
    yes,
    error: every.find(({ data, isError }) => isError && data === undefined)?.error ?? null,
    isPending: every.some(({ isPending }) => isPending),
    tryAgain: () => every.forEach(({ refetch }) => void refetch()),
  };
}

function useWatched(given: string | undefined): Watched {
  const task = parseId('task', given) ?? null;
  const run = useRead(['runs', 'one', task], ({ operator }) => operator.runs.show(task as TaskId), {
    isOff: task === null,
  });
  const line = run.data?.lines.find(({ decision, action }) => decision !== null && action !== null) ?? null;
  return { task, run: run.data ?? null, line };
}

/** Whether a step is behind. */
export const isDone: Readonly<Record<StepName, (progress: Progress) => boolean>> = {
  passkey: ({ passkey }) => passkey !== null,
  api: ({ api }) => api !== null,
  agent: ({ agent, hasKey }) => agent !== null && hasKey,
  call: ({ first }) => first.line !== null,
  yes: ({ yes }) => yes.line !== null,
};

/** The first step that is not behind yet. */
export const stepOf = (progress: Progress): StepName => stepNames.find((name) => !isDone[name](progress)) ?? 'yes';
