import {
  type AgentId,
  type ApprovalId,
  type EntryHeader,
  type LiveEvent,
  type PersonId,
  parseId,
  type TaskId,
} from '@ambit/protocol';
import type { Fields } from '../foundation/index.ts';

/** A change, and who may hear of it: everybody in the tenant, whoever may read that run, or whoever may read that question. */
export type Change = {
  readonly event: LiveEvent;
  readonly heardBy: 'all' | { readonly requester: PersonId | null } | { readonly approval: ApprovalId };
};

/** Kinds whose detail names a question, or what ended: no other detail is opened to tell of it. */
export const needsDetail = ({ kind, decision }: EntryHeader): boolean =>
  kind.startsWith('approval.') || decision === 'ask' || kind === 'task.ended';

/** What an entry says has changed. Pure: of the detail, ids alone are taken. */
export function changesIn(header: EntryHeader, detail: Fields | null): readonly Change[] {
  const { kind, task, run } = header;
  return [
    ...questionsIn(header, detail),
    ...(run === null ? [] : [lineOf(header, run)]),
    ...(task === null || run === null ? [] : tasksIn(header, task, run, detail)),
    ...agentsIn(header),
    ...(kind.startsWith('catalog.') ? [toAll({ type: 'catalog' })] : []),
    ...(kind.startsWith('policy.') ? [toAll({ type: 'policy' })] : []),
    // What it is about stands in the list alone, of which each reads their part.
    ...(kind.startsWith('proposal.') ? [toAll({ type: 'proposal' })] : []),
  ];
}

const toAll = (event: LiveEvent): Change => ({ event, heardBy: 'all' });

function lineOf({ id, about, task, kind, decision, who }: EntryHeader, run: TaskId): Change {
  return {
    event: { type: 'line', run, task, entry: id, about, kind, decision },
    heardBy: { requester: who.requester },
  };
}

function questionsIn({ kind, decision, task, run, code }: EntryHeader, detail: Fields | null): readonly Change[] {
  if (task === null || run === null || detail === null) return [];
  const tell = (what: 'asked' | 'answered' | 'ended', approval: ApprovalId, of = task): Change => ({
    event: { type: 'approval', what, approval, task: of, run },
    heardBy: { approval },
  });
  if (kind === 'task.ended')
    return endedIn(detail).flatMap(({ id, of }) => {
      const approval = parseId('approval', id);
      return approval === undefined ? [] : [tell('ended', approval, parseId('task', of) ?? task)];
    });
  const approval = parseId('approval', detail.approval);
  if (approval === undefined) return [];
  // The same question asked again changes nothing.
  if (decision === 'ask') return detail.again === true ? [] : [tell('asked', approval)];
  if (!kind.startsWith('approval.')) return [];
  const isOpenStill = kind === 'approval.claimed' || (kind === 'approval.answered' && code === 'yes');
  return [tell(isOpenStill ? 'answered' : 'ended', approval)];
}

function tasksIn({ kind, who }: EntryHeader, task: TaskId, run: TaskId, detail: Fields | null): readonly Change[] {
  const what = taskKinds[kind];
  if (what === undefined) return [];
  const below = kind === 'task.ended' && detail !== null ? endedIn(detail).map(({ id }) => parseId('task', id)) : [];
  const all = new Set([task, ...below.filter((id) => id !== undefined)]);
  return [...all].map((one) => ({
    event: { type: 'task', what, task: one, run },
    heardBy: { requester: who.requester },
  }));
}

const taskKinds: Readonly<Record<string, 'opened' | 'changed' | 'ended'>> = {
  'task.opened': 'opened',
  'task.delegated': 'opened',
  'task.accepted': 'changed',
  'task.authenticated': 'changed',
  'task.narrowed': 'changed',
  'elevation.granted': 'changed',
  'elevation.ended': 'changed',
  'elevation.expired': 'changed',
  'remembered.ended': 'changed',
  'remembered.expired': 'changed',
  'task.ended': 'ended',
};

type Named = { readonly id?: unknown; readonly of?: unknown };

const endedIn = ({ ended }: Fields): readonly Named[] =>
  Array.isArray(ended) ? ended.filter((one): one is Named => typeof one === 'object' && one !== null) : [];

const agentKey = 'ambit:agent/';

/** Agents that the entry is about. What an agent does under a task is a line of its run. */
function agentsIn({ kind, keys, who }: EntryHeader): readonly Change[] {
  if (!(kind.startsWith('identity.') || kind === 'agent.ended')) return [];
  const named = keys
    .filter((key) => key.startsWith(agentKey))
    .map((key) => parseId('agent', key.slice(agentKey.length)));
  const agents = new Set<AgentId | undefined | null>(kind === 'agent.ended' ? [...named, who.agent] : named);
  return [...agents].flatMap((agent) => (agent ? [toAll({ type: 'agent', agent, kind })] : []));
}
