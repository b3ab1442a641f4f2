import type { AgentUserId, CredentialId, TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { findDoor } from './store.ts';

/**
 * The credential that a call to `origin` would be lent: the one for this agent user before the one for anybody, the
 * one for this API before the one for any. Null where the call goes out with none.
 */
export async function chooseCredential(
  ground: Ground,
  tenant: TenantId,
  call: { readonly origin: string; readonly api: string; readonly agentUser: AgentUserId | null },
): Promise<CredentialId | null> {
  const users = call.agentUser === null ? [null] : [call.agentUser, null];
  for (const agentUser of users) {
    for (const api of [call.api, null]) {
      const found = await findDoor(ground, tenant, { origin: call.origin, api, agentUser });
      if (found !== undefined) return found;
    }
  }
  return null;
}
