import type { AgentId, TenantId } from '@ambit/protocol';
import { asRefusal, type Ground, span } from '../foundation/index.ts';
import { addAgentInstance, findAgentInstance, touchAgentInstance } from './store.ts';

/** An agent that comes often is not noted each time: when it was last seen is known to within five seconds. */
const notedEveryMilliseconds = 5_000;

/** Notes that an instance of the agent was seen with this proof key. A note, not a permission: nothing decides by it. */
export function seeInstance(ground: Ground, tenant: TenantId, agent: AgentId, jkt: string): Promise<void> {
  return span('identity/see-instance', async () => {
    const now = ground.clock();
    const known = await findAgentInstance(ground, tenant, agent, jkt);
    if (known !== undefined && now - known.lastSeenAt < notedEveryMilliseconds) return;
    const change =
      known === undefined
        ? addAgentInstance({ agent, jkt, firstSeenAt: now, lastSeenAt: now })
        : touchAgentInstance(agent, jkt, now);
    await ground.database.commit({ tenant, changes: [change], entries: [] }).catch((error: unknown) => {
      // Two requests of a new instance at once: the other one has noted it.
      if (asRefusal(error).code !== 'thing.exists') throw error;
    });
  });
}
