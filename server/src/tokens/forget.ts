import type { TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { dropToken, listTokens } from './store.ts';

const forgottenInOneUnitMax = 1000;
const unitsMax = 20;
/** Kept a while longer, so that whoever looks into a run still finds the tokens of yesterday. */
const keptMilliseconds = 86_400_000;

/**
 * Drops the rows of tokens that expired a day ago. Nothing hangs on them: a token that came from another expires no
 * later. Returns how many.
 */
export async function forgetTokens(ground: Ground, tenant: TenantId): Promise<number> {
  let forgotten = 0;
  for (let units = 0; units < unitsMax; units++) {
    // Nearly always the oldest is young enough, and is all that has to be looked at.
    const oldest = await listTokens(ground, tenant, units === 0 ? 1 : forgottenInOneUnitMax);
    const before = ground.clock() - keptMilliseconds;
    const done = oldest.filter((token) => token.expiresAt < before);
    if (done.length === 0) break;
    await ground.database.commit({ tenant, changes: done.map(dropToken), entries: [] });
    forgotten += done.length;
  }
  return forgotten;
}
