import type { AgentId, PersonId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { listOpenAgentEnrolments, withdrawAgentEnrolment } from './enrolments/store.ts';
import { type Moved, requireAgent } from './move-agent.ts';
import { requireMayOwnAgents } from './person.ts';
import { agentResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { changeAgent, personStands } from './store.ts';

export type Reassignment = { readonly agent: AgentId; readonly owner: PersonId; readonly reason: string };

/**
 * Gives an agent another owner, who answers for it from now on. Standing grants of the one before give nothing any more:
 * the new owner signs their own. Who may is looked at before: administrators at
 * the route, and the plane where a registered transmitter says that the owner is gone.
 */
export function reassignAgent(
  ground: Ground,
  by: Pick<PersonCaller, 'tenant' | 'who'>,
  { agent: id, owner, reason }: Reassignment,
): Promise<Moved> {
  return span('identity/reassign-agent', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    const person = await requirePerson(ground, by.tenant, owner);
    requireMayOwnAgents(person);
    if (agent.state === 'retired') throw refuse('agent.wrong_state', `${id} is retired`);
    const open = await listOpenAgentEnrolments(ground, by.tenant, id);
    const entry = await record(ground, by, {
      kind: 'identity.agent-reassigned',
      keys: [agentResource(id)],
      checks: [personStands(person)],
      // A code of the one before would open the agent of the new one, as long as whoever issued it administers.
      changes: [changeAgent(agent, { owner }), ...open.map((one) => withdrawAgentEnrolment(one.id))],
      detail: { agent: id, before: agent.owner, after: owner, reason, withdrawn: open.map((one) => one.id) },
    });
    return { agent: { ...agent, owner, epoch: agent.epoch + 1 }, entry };
  });
}
