import type { AgentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { type Agent, requireOwnerOrAdministrator, type WhenShared, whenSharedOf } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { changeAgent } from './store.ts';

/** Says what happens when a credential of the agent turns up in two places at once; its owner or an administrator may. */
export function setWhenShared(
  ground: Ground,
  by: PersonCaller,
  {
    agent: id,
    whenShared,
    reason,
  }: { readonly agent: AgentId; readonly whenShared: WhenShared; readonly reason: string },
): Promise<{ agent: Agent; entry: EntryId }> {
  return span('identity/set-when-shared', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwnerOrAdministrator(by, agent);
    const entry = await record(ground, by, {
      kind: 'identity.when-shared-set',
      keys: [agentResource(id)],
      changes: [changeAgent(agent, { whenShared })],
      detail: { agent: id, before: whenSharedOf(agent), after: whenShared, reason },
    });
    return { agent: { ...agent, whenShared, epoch: agent.epoch + 1 }, entry };
  });
}
