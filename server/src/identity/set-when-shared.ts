import type { AgentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { type Agent, requireOwnerOrAdministrator, type WhenShared } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { whenSharedOf } from './shared-rule.ts';
import { changeAgent, findSharedRule } from './store.ts';

/**
 * Says what happens when a credential of the agent turns up in two places at once; its owner or an administrator may. It may
 * be more than the tenant wants of all, and never less.
 */
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
    const rule = await findSharedRule(ground, by.tenant);
    if (whenSharedOf({ whenShared }, rule) !== whenShared)
      throw refuse('agent.laxer_than_tenant', `${whenShared} for ${id}, and ${rule?.whenShared} for all`);
    const entry = await record(ground, by, {
      kind: 'identity.when-shared-set',
      keys: [agentResource(id)],
      changes: [changeAgent(agent, { whenShared })],
      detail: { agent: id, before: whenSharedOf(agent, rule), after: whenShared, reason },
    });
    return { agent: { ...agent, whenShared, epoch: agent.epoch + 1 }, entry };
  });
}
