import type { EntryId, TenantId, Who } from '@ambit/protocol';
import { type Change, type Check, entry, type Fields, type Ground } from '../foundation/index.ts';

/** What a verb of this room wants done and told. */
export type Recorded = {
  readonly kind: `identity.${string}`;
  /** Resource keys: who or what it is about. */
  readonly keys: readonly string[];
  readonly checks?: readonly Check[];
  readonly changes: readonly Change[];
  /** Never a code, a token or a key that is not public. */
  readonly detail: Fields;
};

/** Commits a change and the entry that tells it, whole or not at all. */
export async function record(
  ground: Ground,
  by: { readonly tenant: TenantId; readonly who: Who },
  { kind, keys, checks = [], changes, detail }: Recorded,
): Promise<EntryId> {
  const id = ground.newId('entry');
  const told = entry({ id, kind, who: by.who, keys, detail });
  await ground.database.commit({ tenant: by.tenant, checks, changes, entries: [told] });
  return id;
}

export const personResource = (id: string): string => `ambit:person/${id}`;
export const agentResource = (id: string): string => `ambit:agent/${id}`;
