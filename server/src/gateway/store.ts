import type { EntryId, TenantId } from '@ambit/protocol';
import { type Change, type Ground, insert, type Table, table, update } from '../foundation/index.ts';

/** A write of which nobody knows whether it happened. The next one of the same digest is a person's decision. */
export type UnknownEffect = {
  readonly digest: string;
  /** The entry of the outcome that was unknown. */
  readonly entry: EntryId;
  readonly at: number;
  readonly state: 'open' | 'looked';
};

const unknownEffects: Table<UnknownEffect> = table<UnknownEffect>('unknown_effects', {
  columns: { digest: 'text', entry: 'text', at: 'integer', state: 'text' },
  key: ['digest'],
  governed: true,
});

export const findUnknownEffect = (ground: Ground, tenant: TenantId, digest: string) =>
  ground.database.find(unknownEffects, tenant, { digest });

export const rememberUnknown = (known: UnknownEffect | undefined, effect: UnknownEffect): Change =>
  known === undefined ? insert(unknownEffects, effect) : update(unknownEffects, { digest: effect.digest }, effect);

/** A person looked and said yes: the question is answered for what happened before, not for what comes. */
export const lookedAt = (digest: string): Change => update(unknownEffects, { digest }, { state: 'looked' });
