import type {
  AgentId,
  AgentIdentityId,
  AgentUserId,
  Authority,
  EnrolmentId,
  KeyId,
  PersonId,
  WorkloadKind,
} from '@ambit/protocol';
import { type PersonCaller, refuse } from '../foundation/index.ts';
import type { PublicJwk } from './key.ts';

/** A registered workload with keys of its own. */
export type Agent = {
  readonly id: AgentId;
  readonly name: string;
  /** Fixed at registration; null in rows of releases that knew agents alone. See `kindOf`. */
  readonly kind: WorkloadKind | null;
  /** The person who answers for it. */
  readonly owner: PersonId;
  readonly team: string;
  readonly purpose: string;
  readonly environment: string;
  readonly zone: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** The most that any task may give it, whoever asks. */
  readonly ceiling: Authority;
  /** How many tasks may be alive at once, so that a copied key cannot open more and more of them. */
  readonly liveTasksMax: number;
  readonly state: AgentState;
  readonly createdBy: PersonId;
  readonly createdAt: number;
  /** Epoch milliseconds at which its owner last put it to work; null where a release that did not keep it did, or nobody yet. */
  readonly activeSince: number | null;
  /** What its owner wants where a credential of it turns up in two places at once; null where nothing was said. See `whenSharedOf`. */
  readonly whenShared: WhenShared | null;
  /** Counts what ends credentials: changes of state and revoked keys. */
  readonly epoch: number;
};

export const whenSharedChoices = ['record', 'suspend'] as const;
export type WhenShared = (typeof whenSharedChoices)[number];

export type AgentState = 'draft' | 'active' | 'suspended' | 'retired';

/** What the workload is. */
export const kindOf = ({ kind }: Pick<Agent, 'kind'>): WorkloadKind => kind ?? 'agent';

export type AgentKey = {
  readonly id: KeyId;
  readonly agent: AgentId;
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
  /** Epoch milliseconds; two keys may overlap while the old one is being replaced. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly state: 'active' | 'revoked';
  readonly addedBy: PersonId;
  readonly addedAt: number;
  /** Thumbprint of the key that goes on with the tasks this one accepted, where the owner said so. */
  readonly successor: string | null;
  /** The code or outside identity by which the agent brought it itself; null where a person added it. */
  readonly enrolledBy: AgentIdentityId | EnrolmentId | null;
};

/** A key of one running instance, as it was seen in proofs. */
export type AgentInstance = {
  readonly agent: AgentId;
  readonly jkt: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** What the agent proved itself by when it was last seen; null in rows of releases that did not keep it. */
  readonly agentKey: string | null;
  /** Epoch milliseconds at which it was last told that the credential is elsewhere too; null where it never was. */
  readonly sharedAt: number | null;
};

/** A user-shaped record of an agent in a downstream app: a representation, without keys and without authority. */
export type AgentUser = {
  readonly id: AgentUserId;
  readonly agent: AgentId;
  readonly api: string;
  readonly externalId: string;
  readonly label: string;
  readonly linkedBy: PersonId;
  readonly linkedAt: number;
};

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
