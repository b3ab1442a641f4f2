import type { EntryId, TenantId, Who } from '@ambit/protocol';
import { type Ground, refuse, span } from '../foundation/index.ts';
import type { AgeLimit, Aging } from './age.ts';
import { record } from './record.ts';
import { addAgeLimit, changeAgeLimit, listAgeLimits, removeAgeLimitRow } from './store.ts';

type By = { readonly tenant: TenantId; readonly who: Who };

/** Sets how old things of one kind may become, or replaces what was set. From the next read on it binds all of them. */
export function setAgeLimit(
  ground: Ground,
  by: By,
  wanted: Pick<AgeLimit, 'of' | 'secondsMax' | 'reason'>,
): Promise<{ limit: AgeLimit; entry: EntryId }> {
  return span('identity/set-age-limit', async () => {
    const before = await ageLimitOf(ground, by.tenant, wanted.of);
    const limit: AgeLimit = { ...wanted, setAt: ground.clock(), setBy: by.who.initiator };
    const entry = await record(ground, by, {
      kind: 'identity.age-limit-set',
      keys: [],
      changes: [before === undefined ? addAgeLimit(limit) : changeAgeLimit(before, limit)],
      detail: { limit, before: before ?? null },
    });
    return { limit, entry };
  });
}

export function removeAgeLimit(ground: Ground, by: By, of: Aging): Promise<{ entry: EntryId }> {
  return span('identity/remove-age-limit', async () => {
    const before = await ageLimitOf(ground, by.tenant, of);
    if (before === undefined) throw refuse('thing.not_found', `no greatest age of ${of} is set`);
    const entry = await record(ground, by, {
      kind: 'identity.age-limit-removed',
      keys: [],
      changes: [removeAgeLimitRow(before)],
      detail: { before },
    });
    return { entry };
  });
}

const ageLimitOf = async (ground: Ground, tenant: TenantId, of: Aging) =>
  (await listAgeLimits(ground, tenant)).find((one) => one.of === of);
