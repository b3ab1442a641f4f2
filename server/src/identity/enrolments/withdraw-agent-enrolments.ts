import type { AgentId, EnrolmentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../../foundation/index.ts';
import { requireOwnerOrAdministrator } from '../agent.ts';
import { requireAgent } from '../move-agent.ts';
import { agentResource, record } from '../record.ts';
import { listOpenAgentEnrolments, withdrawAgentEnrolment } from './store.ts';

/** Ends every code that is open for the agent; where one was used meanwhile, none, and `state.changed` says so. */
export function withdrawAgentEnrolments(
  ground: Ground,
  by: PersonCaller,
  id: AgentId,
): Promise<{ withdrawn: readonly EnrolmentId[]; entry: EntryId }> {
  return span('identity/withdraw-agent-enrolments', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwnerOrAdministrator(by, agent);
    const open = await listOpenAgentEnrolments(ground, by.tenant, id);
    const withdrawn = open.map((one) => one.id);
    const entry = await record(ground, by, {
      kind: 'identity.agent-enrolments-withdrawn',
      keys: [agentResource(id)],
      changes: withdrawn.map(withdrawAgentEnrolment),
      detail: { agent: id, withdrawn },
    });
    return { withdrawn, entry };
  });
}
