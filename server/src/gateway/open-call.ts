import type { EntryId } from '@ambit/protocol';
import type { Chain } from '../tasks/index.ts';
import type { Rooms } from './rooms.ts';

/** A call on its way, tied to its task and to every task above it. */
export type OpenCall = {
  /** The entry that will say that it was let out. */
  readonly entry: EntryId;
  /** Aborted when one of those tasks ends. */
  readonly ended: AbortSignal;
  close(): void;
};

/**
 * INVARIANT (ends together): registered before the unit that admits the call. An ending that commits before that unit
 * makes it fail; one that commits after it finds the call here and cuts it, before its first byte or in the middle.
 */
export function openCall({ ground, live }: Pick<Rooms, 'ground' | 'live'>, chain: Chain): OpenCall {
  const ended = new AbortController();
  const entry = ground.newId('entry');
  const close = live.register({
    call: entry,
    tasks: chain.map((task) => task.id),
    abort: (because) => ended.abort(new Error(because)),
  });
  return { entry, ended: ended.signal, close };
}
