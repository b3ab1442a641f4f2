import type { AgentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, type Secret, span } from '../../foundation/index.ts';
import { requireOwnerOrAdministrator } from '../agent.ts';
import { bearerHash, mintBearer } from '../bearer.ts';
import { requireAgent } from '../move-agent.ts';
import { agentResource, record } from '../record.ts';
import { agentUnchanged } from '../store.ts';
import { type AgentEnrolment, agentEnrolmentSecondsDefault } from './agent-enrolment.ts';
import { addAgentEnrolment, listOpenAgentEnrolments, withdrawAgentEnrolment } from './store.ts';

export type NewAgentEnrolment = {
  readonly agent: AgentId;
  /** How long the code works. */
  readonly ttlSeconds?: number | undefined;
  /** How long the key holds; as long as the agent, unless said. */
  readonly keySeconds?: number | undefined;
};

/** A one-time code by which the agent enrols a key that it made itself. Codes of it that are still open are withdrawn. */
export function issueAgentEnrolment(
  ground: Ground,
  by: PersonCaller,
  { agent: id, ttlSeconds = agentEnrolmentSecondsDefault, keySeconds }: NewAgentEnrolment,
): Promise<{ code: Secret; enrolment: AgentEnrolment; entry: EntryId }> {
  return span('identity/issue-agent-enrolment', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwnerOrAdministrator(by, agent);
    if (agent.state === 'retired') throw refuse('agent.wrong_state', `agent ${agent.id} is retired`);
    const open = await listOpenAgentEnrolments(ground, by.tenant, id);
    const code = mintBearer(by.tenant);
    const issuedAt = ground.clock();
    const enrolment: AgentEnrolment = {
      id: ground.newId('enrolment'),
      agent: id,
      codeHash: bearerHash(code.unwrap()),
      state: 'open',
      keySeconds: keySeconds ?? null,
      issuedBy: by.person,
      issuedAt,
      expiresAt: issuedAt + ttlSeconds * 1000,
    };
    const entry = await record(ground, by, {
      kind: 'identity.agent-enrolment-issued',
      keys: [agentResource(id)],
      checks: [agentUnchanged(agent)],
      changes: [...open.map((one) => withdrawAgentEnrolment(one.id)), addAgentEnrolment(enrolment)],
      detail: {
        agent: id,
        enrolment: enrolment.id,
        expiresAt: enrolment.expiresAt,
        keySeconds: enrolment.keySeconds,
        withdrawn: open.map((one) => one.id),
      },
    });
    return { code, enrolment, entry };
  });
}
