import type {
  AgentId,
  AgentIdentityId,
  AgentOverview,
  AgentUserId,
  EnrolmentId,
  KeyId,
  PersonId,
} from '@ambit/protocol';
import type {
  Agent,
  AgentEnrolment,
  AgentIdentity,
  AgentKey,
  AgentShown,
  AgentUser,
  Ending,
  NewAgent,
  NewAgentKey,
  Orphans,
  Rotation,
  SharedRule,
  StoppedAgent,
  WhenShared,
} from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import type { Page } from './page.ts';

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
