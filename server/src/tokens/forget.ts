import type { TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { dropToken, listTokens } from './store.ts';

const forgottenAtOnceMax = 1000;
/** Kept a while longer, so that whoever looks into a run still finds the tokens of yesterday. */
const keptMilliseconds = 86_400_000;

/**
 * Drops the rows of tokens that expired a day ago. Nothing hangs on them: a token that came from another expires no
 * later. Returns how many; as many as the maximum means: call it again.
 */
export async function forgetTokens(ground: Ground, tenant: TenantId): Promise<number> {
  const oldest = await listTokens(ground, tenant, forgottenAtOnceMax);
  const before = ground.clock() - keptMilliseconds;
  const done = oldest.filter((token) => token.expiresAt < before);
  if (done.length > 0) await ground.database.commit({ tenant, changes: done.map(dropToken), entries: [] });
  return done.length;
}
