import type { AgentId, AgentIdentityId, AgentUserId, KeyId, PersonId } from '@ambit/protocol';
import type { AgentIdentity, AgentUser, NewAgent, NewAgentKey, Page, Rotation, WhenShared } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Agents = ReturnType<typeof agentsRoom>;

export function agentsRoom({ json }: Ask) {
  return {
    /** A draft, without any power until its owner activates it. */
    register: (agent: NewAgent) => json('POST /v1/agents', { body: agent }),
    list: async (page: Page = {}) => (await json('GET /v1/agents', { query: page })).agents,
    show: (agent: AgentId) => json('GET /v1/agents/:agent', { at: { agent } }),
    /** One page about it: what it may do, what it used of that, and what a suspension would end. */
    overview: (agent: AgentId) => json('GET /v1/agents/:agent/overview', { at: { agent } }),
    /** For the owner: from here on the agent may act. */
    activate: (agent: AgentId) => json('POST /v1/agents/:agent/activate', { at: { agent } }),
    /** For the owner or an administrator: it stops at once, and all that hung on it. */
    suspend: (agent: AgentId, reason: string) =>
      json('POST /v1/agents/:agent/suspend', { at: { agent }, body: { reason } }),
    /** For the owner. */
    resume: (agent: AgentId, reason: string) =>
      json('POST /v1/agents/:agent/resume', { at: { agent }, body: { reason } }),
    /** For the owner or an administrator: for good. */
    retire: (agent: AgentId, reason: string) =>
      json('POST /v1/agents/:agent/retire', { at: { agent }, body: { reason } }),
    /** For the owner or an administrator: ends all its tasks and lists what died with them. */
    endTasks: (agent: AgentId, reason: string) =>
      json('POST /v1/agents/:agent/end-tasks', { at: { agent }, body: { reason } }),
    /** Adds a public key; those before it stay valid, so that keys can be replaced without a gap. */
    addKey: (agent: AgentId, key: NewAgentKey) => json('POST /v1/agents/:agent/keys', { at: { agent }, body: key }),
    /** A one-time code by which the agent enrols a key that it makes itself; codes that are still open are withdrawn. */
    enrolCode: (agent: AgentId, life: { readonly ttlSeconds?: number; readonly keySeconds?: number } = {}) =>
      json('POST /v1/agents/:agent/enrolments', { at: { agent }, body: life }),
    /** For the owner or an administrator: ends the codes that are open. */
    withdrawCodes: (agent: AgentId) => json('DELETE /v1/agents/:agent/enrolments', { at: { agent } }),
    /** For the owner: a new key beside an old one, which ends at the stated time. */
    rotateKey: (agent: AgentId, { old, ...rotation }: Rotation) =>
      json('POST /v1/agents/:agent/keys/:key/rotate', { at: { agent, key: old }, body: rotation }),
    /** For the owner or an administrator: what happens when a credential of it is used in two places at once. */
    whenShared: (agent: AgentId, whenShared: WhenShared, reason: string) =>
      json('PUT /v1/agents/:agent/when-shared', { at: { agent }, body: { whenShared, reason } }),
    whenSharedDefault: () => json('GET /v1/when-shared'),
    /** For administrators: the least for all agents. */
    setWhenSharedDefault: (whenShared: WhenShared, reason: string) =>
      json('PUT /v1/when-shared', { body: { whenShared, reason } }),
    revokeKey: (agent: AgentId, key: KeyId) => json('DELETE /v1/agents/:agent/keys/:key', { at: { agent, key } }),
    /** For the owner or an administrator: one name stands for one agent. */
    addIdentity: (
      agent: AgentId,
      identity: Pick<AgentIdentity, 'method' | 'issuer' | 'subject'> & { readonly keySeconds?: number },
    ) => json('POST /v1/agents/:agent/identities', { at: { agent }, body: identity }),
    revokeIdentity: (agent: AgentId, identity: AgentIdentityId) =>
      json('DELETE /v1/agents/:agent/identities/:identity', { at: { agent, identity } }),
    linkUser: (agent: AgentId, user: Pick<AgentUser, 'api' | 'externalId' | 'label'>) =>
      json('POST /v1/agents/:agent/users', { at: { agent }, body: user }),
    /** Says that the record was removed in the other application. */
    unlinkUser: (agent: AgentId, user: AgentUserId) =>
      json('DELETE /v1/agents/:agent/users/:user', { at: { agent, user } }),
    /** For administrators: somebody else answers for it from now on. */
    reassign: (agent: AgentId, owner: PersonId, reason: string) =>
      json('PUT /v1/agents/:agent/owner', { at: { agent }, body: { owner, reason } }),
    /** What can do nothing until a person takes it on, or takes it away. */
    orphans: () => json('GET /v1/orphans'),
  };
}
