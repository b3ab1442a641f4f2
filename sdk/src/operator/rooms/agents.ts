import type {
  AgentId,
  AgentIdentityId,
  AgentOverview,
  AgentUserId,
  Authority,
  EnrolmentId,
  KeyId,
  PersonId,
  TaskId,
  WorkloadKind,
} from '@ambit/protocol';
import type { Ending } from '../../wire/ending.ts';
import type { PublicJwk } from '../../wire/key.ts';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import type { Page } from './page.ts';
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

/** A name that an authority outside gives to an agent, by which the agent proves itself instead of by a key. */
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

export type Agents = ReturnType<typeof agentsRoom>;

export function agentsRoom({ json }: Ask) {
  const stop = (step: string) => (agent: AgentId, reason: string) =>
    json<StoppedAgent>('POST', at('/v1/agents/', agent, `/${step}`), { reason });
  return {
    /** A draft, without any power until its owner activates it. */
    register: (agent: NewAgent) => json<Agent>('POST', '/v1/agents', agent),
    list: async (page: Page = {}) =>
      (await json<{ agents: readonly Agent[] }>('GET', `/v1/agents${query({ ...page })}`)).agents,
    show: (agent: AgentId) => json<AgentShown>('GET', at('/v1/agents/', agent)),
    /** One page about it: what it may do, what it used of that, and what a suspension would end. */
    overview: (agent: AgentId) => json<AgentOverview>('GET', at('/v1/agents/', agent, '/overview')),
    /** For the owner: from here on the agent may act. */
    activate: (agent: AgentId) => json<Agent>('POST', at('/v1/agents/', agent, '/activate')),
    /** For the owner or an administrator: it stops at once, and all that hung on it. */
    suspend: stop('suspend'),
    /** For the owner. */
    resume: (agent: AgentId, reason: string) => json<Agent>('POST', at('/v1/agents/', agent, '/resume'), { reason }),
    /** For the owner or an administrator: for good. */
    retire: stop('retire'),
    /** For the owner or an administrator: ends all its tasks and lists what died with them. */
    endTasks: (agent: AgentId, reason: string) =>
      json<Ending>('POST', at('/v1/agents/', agent, '/end-tasks'), { reason }),
    /** Adds a public key; those before it stay valid, so that keys can be replaced without a gap. */
    addKey: (agent: AgentId, key: NewAgentKey) => json<AgentKey>('POST', at('/v1/agents/', agent, '/keys'), key),
    /** A one-time code by which the agent enrols a key that it makes itself; codes that are still open are withdrawn. */
    enrolCode: (agent: AgentId, life: { readonly ttlSeconds?: number; readonly keySeconds?: number } = {}) =>
      json<AgentEnrolment>('POST', at('/v1/agents/', agent, '/enrolments'), life),
    /** For the owner or an administrator: ends the codes that are open. */
    withdrawCodes: (agent: AgentId) =>
      json<{ readonly withdrawn: readonly EnrolmentId[] }>('DELETE', at('/v1/agents/', agent, '/enrolments')),
    /** For the owner: a new key beside an old one, which ends at the stated time. */
    rotateKey: (agent: AgentId, { old, ...rotation }: Rotation) =>
      json<{ key: AgentKey; old: AgentKey }>('POST', at('/v1/agents/', agent, '/keys/', old, '/rotate'), rotation),
    /** For the owner or an administrator: what happens when a credential of it is used in two places at once. */
    whenShared: (agent: AgentId, whenShared: WhenShared, reason: string) =>
      json<Agent>('PUT', at('/v1/agents/', agent, '/when-shared'), { whenShared, reason }),
    whenSharedDefault: () => json<SharedRule>('GET', '/v1/when-shared'),
    /** For administrators: the least for all agents. */
    setWhenSharedDefault: (whenShared: WhenShared, reason: string) =>
      json<SharedRule>('PUT', '/v1/when-shared', { whenShared, reason }),
    revokeKey: (agent: AgentId, key: KeyId) => json<void>('DELETE', at('/v1/agents/', agent, '/keys/', key)),
    /** For the owner or an administrator: one name stands for one agent. */
    addIdentity: (
      agent: AgentId,
      identity: Pick<AgentIdentity, 'method' | 'issuer' | 'subject'> & { readonly keySeconds?: number },
    ) => json<AgentIdentity>('POST', at('/v1/agents/', agent, '/identities'), identity),
    revokeIdentity: (agent: AgentId, identity: AgentIdentityId) =>
      json<void>('DELETE', at('/v1/agents/', agent, '/identities/', identity)),
    linkUser: (agent: AgentId, user: Pick<AgentUser, 'api' | 'externalId' | 'label'>) =>
      json<AgentUser>('POST', at('/v1/agents/', agent, '/users'), user),
    /** Says that the record was removed in the other application. */
    unlinkUser: (agent: AgentId, user: AgentUserId) => json<void>('DELETE', at('/v1/agents/', agent, '/users/', user)),
    /** For administrators: somebody else answers for it from now on. */
    reassign: (agent: AgentId, owner: PersonId, reason: string) =>
      json<Agent>('PUT', at('/v1/agents/', agent, '/owner'), { owner, reason }),
    /** What can do nothing until a person takes it on, or takes it away. */
    orphans: () => json<Orphans>('GET', '/v1/orphans'),
  };
}
