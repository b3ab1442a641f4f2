import type { TenantId } from '@ambit/protocol';
import { asRefusal, entry, type Ground, planeItself, span } from '../../foundation/index.ts';
import { moveAgent } from '../move-agent.ts';
import { agentResource } from '../record.ts';
import { whenSharedOf } from '../shared-rule.ts';
import { addAgentInstance, findAgent, findAgentInstance, findSharedRule, touchAgentInstance } from '../store.ts';
import type { TemplateKey } from './template-key.ts';

/** Told so seldom, whoever tries how often. */
const toldEveryMilliseconds = 3_600_000;

/**
 * A static key that holds came from elsewhere than it is bound to: somebody has a copy, or it was put where it does not belong.
 * That is a shared credential like any other, and may suspend the agent.
 */
export function seeElsewhere(ground: Ground, tenant: TenantId, key: TemplateKey, because: string): Promise<void> {
  return span('identity/see-elsewhere', async () => {
    const agent = await findAgent(ground, tenant, key.agent);
    if (agent === undefined) return;
    const now = ground.clock();
    const known = await findAgentInstance(ground, tenant, agent.id, key.id);
    const since = Math.max(now - toldEveryMilliseconds, agent.activeSince ?? agent.createdAt);
    if (known?.sharedAt && known.sharedAt >= since) return;
    const does = whenSharedOf(agent, await findSharedRule(ground, tenant));
    const named = { agent: agent.id, jkt: key.id };
    const change =
      known === undefined
        ? addAgentInstance({ ...named, firstSeenAt: now, lastSeenAt: 0, agentKey: key.id, sharedAt: now })
        : touchAgentInstance(named, { sharedAt: now });
    const told = entry({
      id: ground.newId('entry'),
      kind: 'identity.credential-shared',
      who: { ...planeItself, agent: agent.id, instance: key.id },
      keys: [agentResource(agent.id)],
      detail: { agent: agent.id, jkt: key.id, agentKey: key.id, others: [], because, does },
    });
    try {
      await ground.database.commit({ tenant, changes: [change], entries: [told] });
      if (does !== 'suspend' || agent.state !== 'active') return;
      const by = { tenant, who: { ...planeItself, agent: agent.id } };
      const reason = 'a static key of it was used from elsewhere than it is bound to; its owner may resume it';
      await moveAgent(ground, by, agent, 'suspend', reason);
    } catch (error) {
      // Two at once, or somebody moved the agent meanwhile: whoever comes next sees it again.
      const { code } = asRefusal(error);
      if (code !== 'thing.exists' && code !== 'state.changed') throw error;
    }
  });
}
