import type { AgentId, TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { listAgentKeys } from './store.ts';

/**
 * Whether who proved itself by `shown` may take up what `accepted` has accepted: the same key, or the one that the owner said
 * goes on with its tasks, rotation by rotation. A key that was revoked hands on nothing.
 */
export async function keyStandsFor(
  ground: Ground,
  tenant: TenantId,
  agent: AgentId,
  { accepted, shown }: { readonly accepted: string | null; readonly shown: string },
): Promise<boolean> {
  if (accepted === shown) return true;
  const keys = await listAgentKeys(ground, tenant, agent);
  const seen = new Set<string>();
  for (let at = accepted; at !== null && !seen.has(at); ) {
    seen.add(at);
    const row = keys.find((key) => key.thumbprint === at && key.state === 'active');
    at = row?.successor ?? null;
    if (at === shown) return true;
  }
  return false;
}
