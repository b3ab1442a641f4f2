import type { TenantId, Who } from '@ambit/protocol';
import { entry, type Ground, insert, refuse, remove, span, update } from '../foundation/index.ts';
import { parseStandingLimit, type StandingLimit } from './standing-limit.ts';
import { findStandingLimit, listStandingLimits, standingLimits, standingLimitsMax } from './store.ts';

type By = { readonly tenant: TenantId; readonly who: Who };

/** Sets a limit that outlives tasks, or replaces the one of that name. The change and its entry are one. */
export function setStandingLimit(ground: Ground, by: By, body: unknown): Promise<StandingLimit> {
  return span('limits/set-standing-limit', async () => {
    const read = parseStandingLimit(body);
    const limit: StandingLimit = { ...read, setAt: ground.clock(), setBy: by.who.initiator };
    const before = await findStandingLimit(ground, by.tenant, limit.name);
    if (before === undefined) await requireRoom(ground, by.tenant);
    const change =
      before === undefined
        ? insert(standingLimits, limit, 'state.changed')
        : update(standingLimits, { name: limit.name }, limit, { where: { setAt: before.setAt } });
    const detail = { limit, before: before ?? null };
    await ground.database.commit({
      tenant: by.tenant,
      changes: [change],
      entries: [draft(ground, by, 'limits.set', detail)],
    });
    return limit;
  });
}

/** Removes the limit. What was counted against it is forgotten with its windows. */
export function removeStandingLimit(ground: Ground, by: By, name: string): Promise<void> {
  return span('limits/remove-standing-limit', async () => {
    const before = await findStandingLimit(ground, by.tenant, name);
    if (before === undefined) throw refuse('thing.not_found', `there is no standing limit ${JSON.stringify(name)}`);
    const changes = [remove(standingLimits, { name })];
    await ground.database.commit({
      tenant: by.tenant,
      changes,
      entries: [draft(ground, by, 'limits.removed', { before })],
    });
  });
}

// More than are read at each call would not bind: the one too many is refused when it is set.
async function requireRoom(ground: Ground, tenant: TenantId): Promise<void> {
  const all = await listStandingLimits(ground, tenant);
  if (all.length < standingLimitsMax) return;
  const says = `There are ${standingLimitsMax} limits already; remove or replace one.`;
  throw refuse('limits.malformed', says, says);
}

function draft(ground: Ground, by: By, kind: string, detail: Readonly<Record<string, unknown>>) {
  return entry({ id: ground.newId('entry'), kind, who: by.who, detail });
}
