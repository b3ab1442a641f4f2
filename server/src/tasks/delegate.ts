import type { AgentId } from '@ambit/protocol';
import { parseAuthority } from '../authority/index.ts';
import type { AgentCaller } from '../foundation/index.ts';
import { check, type Ground, refuse, span } from '../foundation/index.ts';
import { findAgent, kindOf, listAgeLimits, requireActsFor, tooOldAt } from '../identity/index.ts';
import { type Also, commitOpened } from './commit-opened.ts';
import { requireNarrower } from './require-narrower.ts';
import { openWithRoom, roomOfAgent } from './room.ts';
import { findChain, tasks } from './store.ts';
import { type Chain, depthMax, isLive, type Task } from './task.ts';

/** The agent that takes over, as it proved itself: its registered key and the key its proofs will be signed with. */
export type Actor = { readonly agent: AgentId; readonly agentKey: string; readonly jkt: string };

export type Delegation = {
  readonly authority: unknown;
  readonly purposeText: string;
  readonly ttlSeconds: number;
  /** Who may take over from the actor; whoever may from its parent, unless said. Never more than those. */
  readonly delegates?: readonly AgentId[] | undefined;
};

/** A task that may be handed on as was asked: it comes to be when it is written. */
export type Delegated = {
  readonly task: Task;
  /** The task, and those it comes under. */
  readonly chain: Chain;
  /** Writes the task, where there is still room for it and its chain still lives, with what belongs in the same unit. */
  readonly write: (also?: Also) => Promise<void>;
};

/**
 * A task under a task, for another agent, with no more than its parent has. It is active at once: the actor has
 * proved its key, and the task belongs to that key.
 */
export function delegateTask(ground: Ground, caller: AgentCaller, actor: Actor, wish: Delegation): Promise<Delegated> {
  return span('tasks/delegate', async (): Promise<Delegated> => {
    const chain = await requireLiveChain(ground, caller);
    const parent = chain[0];
    if (parent.depth >= depthMax) throw refuse('task.too_deep', `task ${parent.id} is ${parent.depth} deep already`);
    requireNamed(parent, actor);
    const delegates = delegatesUnder(parent, wish);
    const agent = await findAgent(ground, caller.tenant, actor.agent);
    if (agent?.state !== 'active' || ground.clock() >= agent.expiresAt) {
      throw refuse('task.agent_not_active', `agent ${actor.agent} is ${agent?.state ?? 'unknown'}`);
    }
    requireActsFor(agent, parent.requester);
    const authority = parseAuthority(wish.authority);
    // INVARIANT (narrowing): checked here for a clear answer, and again link by link whenever a call is decided.
    requireNarrower(authority, parent.authority, 'task.widened', 'the task it comes from');
    requireNarrower(authority, agent.ceiling, 'task.beyond_ceiling', `the ceiling of ${agent.name}`);
    const ages = await listAgeLimits(ground, caller.tenant);
    const openedAt = ground.clock();
    const task: Task = {
      id: ground.newId('task'),
      parent: parent.id,
      root: parent.root,
      depth: parent.depth + 1,
      requester: parent.requester,
      agent: actor.agent,
      purposeType: parent.purposeType,
      purposeText: wish.purposeText,
      authority,
      origin: { by: 'delegation', parent: parent.id, ...(caller.token !== null && { token: caller.token }) },
      template: null,
      authenticated: null,
      delegates,
      state: 'active',
      epoch: 1,
      openedAt,
      expiresAt: Math.min(
        parent.expiresAt,
        openedAt + wish.ttlSeconds * 1000,
        agent.expiresAt,
        tooOldAt(ages, 'task', openedAt),
      ),
      acceptedJkt: actor.jkt,
      acceptedKey: actor.agentKey,
      endedAt: null,
      endedBecause: null,
    };
    const unchanged = chain.map((link) =>
      check(tasks, { id: link.id }, { state: link.state, epoch: link.epoch }, 'task.ended'),
    );
    const who = { ...caller.who, initiator: caller.agent, kind: kindOf(agent) };
    return {
      task,
      chain: [task, ...chain],
      write: ({ checks = [], changes = [], entries = [] } = {}) =>
        openWithRoom(ground, caller.tenant, [roomOfAgent(agent)], (taken) =>
          commitOpened(ground, caller.tenant, who, task, {
            checks: [...unchanged, ...checks],
            changes: [...changes, ...taken],
            entries,
          }),
        ),
    };
  });
}

/** RFC 8693 §4.4: who may act, as whoever opened the task said. An agent that narrows for itself takes nothing over. */
function requireNamed({ id, agent, delegates }: Task, actor: Actor): void {
  if (delegates === null || actor.agent === agent || delegates.includes(actor.agent)) return;
  throw refuse(
    'task.actor_not_named',
    `task ${id} may be handed to ${delegates.join(', ') || 'nobody'}, not to ${actor.agent}`,
  );
}

/** INVARIANT (narrowing): nobody takes over from a child who could not from its parent. */
function delegatesUnder({ id, delegates: ofParent }: Task, { delegates }: Delegation): readonly AgentId[] | null {
  if (delegates === undefined) return ofParent;
  const strange = ofParent === null ? undefined : delegates.find((one) => !ofParent.includes(one));
  if (strange === undefined) return [...new Set(delegates)];
  throw refuse('task.actor_not_named', `${strange} may not take over from ${id}, and so not from a task under it`);
}

async function requireLiveChain(ground: Ground, caller: AgentCaller): Promise<Chain> {
  if (caller.task === null)
    throw refuse('task.needed', 'the token is for no task', 'Use a token of the task you want to delegate from.');
  const chain = await findChain(ground, caller.tenant, caller.task);
  const now = ground.clock();
  if (chain?.every((link) => isLive(link, now))) return chain;
  throw refuse('task.ended', `task ${caller.task} or one above it has ended`);
}
