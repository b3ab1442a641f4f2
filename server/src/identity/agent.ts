import type { PersonId, WorkloadKind } from '@ambit/protocol';
import type { AgentInstance, AgentKey, Agent as AgentTold, AgentUser, WhenShared } from '@ambit/protocol/wire';
import { type PersonCaller, refuse } from '../foundation/index.ts';

export type { AgentInstance, AgentKey, AgentUser, WhenShared };

/** As it is kept: rows of releases that knew agents alone have no kind. */
export type Agent = Omit<AgentTold, 'kind'> & { readonly kind: WorkloadKind | null };

export const whenSharedChoices = ['record', 'suspend'] as const satisfies readonly WhenShared[];

export type AgentState = Agent['state'];

/** What the workload is. */
export const kindOf = ({ kind }: Pick<Agent, 'kind'>): WorkloadKind => kind ?? 'agent';

export const agentTold = (agent: Agent): AgentTold => ({ ...agent, kind: kindOf(agent) });

const moves = {
  activate: { from: ['draft'], to: 'active' },
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  retire: { from: ['draft', 'active', 'suspended'], to: 'retired' },
} as const satisfies Record<string, { readonly from: readonly AgentState[]; readonly to: AgentState }>;

export type AgentMove = keyof typeof moves;

/** The state after that move, or a refusal: an agent goes only along the rows of the table. */
export function stateAfter(agent: Agent, move: AgentMove): AgentState {
  const { from, to } = moves[move];
  if (from.some((state) => state === agent.state)) return to;
  throw refuse('agent.wrong_state', `agent ${agent.id} is ${agent.state}, and ${move} starts at ${from.join(' or ')}`);
}

export function requireActive(agent: Agent, now: number): void {
  if (agent.state !== 'active') throw refuse('agent.not_active', `agent ${agent.id} is ${agent.state}`);
  if (now >= agent.expiresAt) throw refuse('agent.expired', `agent ${agent.id} expired at ${agent.expiresAt}`);
}

/** It may act, or will once its owner takes it on. */
export function requireNotStopped(agent: Agent, now: number): void {
  if (agent.state !== 'draft') requireActive(agent, now);
}

export const keyHolds = (key: AgentKey, now: number): boolean =>
  key.state === 'active' && key.notBefore <= now && now < key.notAfter;

/** For whoever has proved that they hold the key: that it has ended is told, so that its owner hears what to do. */
export function requireHolds(key: AgentKey, now: number): void {
  if (keyHolds(key, now)) return;
  const span = `${new Date(key.notBefore).toISOString()} to ${new Date(key.notAfter).toISOString()}`;
  throw refuse('client.key_ended', `${key.id} of ${key.agent} is ${key.state}, and holds from ${span}`);
}

/**
 * On whose behalf a workload may have a task. INVARIANT (kinds): a service acts alone, within what its owner signed, and
 * a person's own client acts for the person who owns it and for nobody else; what it does counts as that person's doing.
 */
export function requireActsFor(agent: Agent, requester: PersonId | null): void {
  const kind = kindOf(agent);
  if (kind === 'service' && requester !== null)
    throw refuse('task.service_acts_alone', `${agent.id} is a service, and ${requester} asked`);
  if (kind === 'client' && requester !== agent.owner)
    throw refuse('task.client_of_another', `${agent.id} is the client of ${agent.owner}, and ${requester} asked`);
}

export function requireOwner(caller: PersonCaller, agent: Agent): void {
  if (caller.kind === 'person' && caller.person === agent.owner) return;
  throw refuse('agent.not_owner', `${caller.who.initiator} is not the owner of ${agent.id}`);
}

export function requireOwnerOrAdministrator(caller: PersonCaller, agent: Agent): void {
  if (caller.kind === 'person' && caller.roles.includes('administrator')) return;
  requireOwner(caller, agent);
}
