import type { Authority } from '../authority/authority.ts';
import type { WorkloadKind } from '../entry.ts';
import type { AgentId, AgentIdentityId, AgentUserId, EnrolmentId, KeyId, PersonId, TaskId } from '../ids.ts';
import type { PublicJwk } from '../signature.ts';
import type { Ending } from './endings.ts';
import type { StandingGrant } from './standing-grants.ts';

export type Agent = {
  readonly id: AgentId;
  readonly name: string;
  /** Fixed at registration. */
  readonly kind: WorkloadKind;
  readonly owner: PersonId;
  readonly team: string;
  readonly purpose: string;
  readonly environment: string;
  readonly zone: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** The most that any task may give it. */
  readonly ceiling: Authority;
  readonly liveTasksMax: number;
  readonly state: 'draft' | 'active' | 'suspended' | 'retired';
  readonly createdBy: PersonId;
  readonly createdAt: number;
  /** Epoch milliseconds at which its owner last put it to work; null where that was not kept, or nobody did yet. */
  readonly activeSince: number | null;
  /** What its owner said of a credential that is used in two places at once; null where nothing was said. */
  readonly whenShared: WhenShared | null;
  readonly epoch: number;
};

/** Whether an agent is suspended where its credential turns up in two places at once. */
export type WhenShared = 'record' | 'suspend';

/** What holds at the least for all agents of the organisation. */
export type SharedRule = {
  readonly whenShared: WhenShared;
  /** Absent, like the rest, where nobody has set it. */
  readonly reason?: string;
  readonly setAt?: number;
  readonly setBy: PersonId | null;
};

export type NewAgent = Pick<Agent, 'name' | 'team' | 'purpose' | 'environment' | 'zone' | 'expiresAt' | 'ceiling'> & {
  /** `agent` unless said. */
  readonly kind?: WorkloadKind;
  /** 20 unless said. */
  readonly liveTasksMax?: number;
  /** Oneself unless said; administrators may name another person. */
  readonly owner?: PersonId;
};

export type AgentKey = {
  readonly id: KeyId;
  readonly agent: AgentId;
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly state: 'active' | 'revoked';
  readonly addedBy: PersonId;
  readonly addedAt: number;
  /** Thumbprint of the key that goes on with its tasks, where the owner said so. */
  readonly successor: string | null;
  /** The code or outside identity by which the agent brought it itself; null where a person added it. */
  readonly enrolledBy: EnrolmentId | AgentIdentityId | null;
};

/** A one-time code by which an agent enrols a key of its own. Hand it to the agent, and to nobody else. */
export type AgentEnrolment = {
  readonly agent: AgentId;
  readonly code: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** How long the key will hold, in seconds; null for as long as the agent. */
  readonly keySeconds: number | null;
};

export type Rotation = {
  /** The key that is replaced. */
  readonly old: KeyId;
  /** Public half of the new one. */
  readonly jwk: PublicJwk;
  /** Epoch milliseconds at which the old one ends; until then both hold. */
  readonly endsAt: number;
  /** Whether tasks that the old key accepted go on with the new one, at the instance that accepted them. */
  readonly movesTasks: boolean;
};

export type NewAgentKey = {
  /** The public half only: `(await openKey(key)).jwk`. */
  readonly jwk: PublicJwk;
  /** Epoch milliseconds; now, unless said. */
  readonly notBefore?: number;
  /** Epoch milliseconds; with the agent itself, unless said. */
  readonly notAfter?: number;
};

/**
 * A name that an authority outside gives to an agent, by which the agent proves itself instead of by an enrolled key.
 * Within a tenant one name stands for one agent.
 */
export type AgentIdentity = {
  readonly id: AgentIdentityId;
  readonly agent: AgentId;
  /** How it is proved, as the plane's metadata names it, e.g. `tls_client_auth`. */
  readonly method: string;
  /** Who vouches for it; for `tls_client_auth` an authority that the plane's settings name. */
  readonly issuer: string;
  /** The name; for `tls_client_auth` the URI in the agent's certificate. */
  readonly subject: string;
  /** How long keys hold that the workload enrols by it, in seconds; null where it enrols none. */
  readonly keySeconds: number | null;
  readonly addedBy: PersonId;
  readonly addedAt: number;
  /** Epoch milliseconds; 0 while it holds. */
  readonly revokedAt: number;
};

/** A user-shaped record that stands for the agent in a downstream app. */
export type AgentUser = {
  readonly id: AgentUserId;
  readonly agent: AgentId;
  readonly api: string;
  readonly externalId: string;
  readonly label: string;
  readonly linkedBy: PersonId;
  readonly linkedAt: number;
};

/** A key of one running instance, as it was seen in proofs. */
export type AgentInstance = {
  readonly agent: AgentId;
  readonly jkt: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** What the agent proved itself by beside it. */
  readonly agentKey: string | null;
  /** Epoch milliseconds at which that credential was last found to be elsewhere too. */
  readonly sharedAt: number | null;
};

export type AgentShown = Agent & {
  /** What a shared credential leads to: the stricter of its own word and the organisation's. */
  readonly doesWhenShared: WhenShared;
  readonly keys: readonly (AgentKey & { /** Whether it may be used now. */ readonly holds: boolean })[];
  /** Those that hold. */
  readonly identities: readonly AgentIdentity[];
  readonly instances: readonly AgentInstance[];
  readonly users: readonly AgentUser[];
  readonly standingGrants: readonly StandingGrant[];
};

/** The agent, and what ended with it. */
export type StoppedAgent = Agent & { readonly ending: Ending };

export type Orphans = {
  /** Agents whose owner is disabled or gone. */
  readonly agents: readonly (Pick<Agent, 'id' | 'name' | 'owner'> & { readonly because: string })[];
  /** User-shaped records whose agent is retired: they have to be removed in the other application. */
  readonly agentUsers: readonly (Pick<AgentUser, 'id' | 'agent' | 'api' | 'externalId'> & {
    readonly because: string;
  })[];
  /** Tasks that say they are open and stand on nobody: the next upkeep ends them. */
  readonly tasks: readonly { readonly id: TaskId; readonly agent: AgentId; readonly because: string }[];
};
