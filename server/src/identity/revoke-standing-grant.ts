import type { EntryId, StandingGrantId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireOwnerOrAdministrator } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { findStandingGrant, revokeStandingGrantRow } from './store.ts';

/** Takes a standing grant back. The same document is never taken again: the owner signs a new one. */
export function revokeStandingGrant(
  ground: Ground,
  by: PersonCaller,
  id: StandingGrantId,
): Promise<{ entry: EntryId }> {
  return span('identity/revoke-standing-grant', async () => {
    const grant = await findStandingGrant(ground, by.tenant, id);
    if (grant === undefined) throw refuse('thing.not_found', `no standing grant ${id}`);
    requireOwnerOrAdministrator(by, await requireAgent(ground, by.tenant, grant.agent));
    const entry = await record(ground, by, {
      kind: 'identity.standing-grant-revoked',
      keys: [agentResource(grant.agent)],
      changes: [revokeStandingGrantRow(id)],
      detail: { grant: id, agent: grant.agent },
    });
    return { entry };
  });
}
