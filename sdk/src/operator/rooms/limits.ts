import type { Limit } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

/** A limit over a window, whatever number of tasks it is used up in. */
export type StandingLimit = {
  readonly name: string;
  readonly subject: 'tenant' | 'agent' | 'requester' | 'action' | 'purpose';
  /** The one it binds; null: each of them, with a counter of its own. */
  readonly whom: string | null;
  /** The actions that count; null for all. */
  readonly actions: readonly string[] | null;
  readonly limit: Limit & { readonly seconds: number };
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly setAt: number;
  readonly setBy: string;
};

export type NewStandingLimit = Pick<StandingLimit, 'name' | 'subject' | 'limit' | 'reason'> &
  Partial<Pick<StandingLimit, 'whom' | 'actions'>>;

export type Limits = ReturnType<typeof limitsRoom>;

/** Changes are for administrators. */
export function limitsRoom({ json }: Ask) {
  return {
    list: async () => (await json<{ limits: readonly StandingLimit[] }>('GET', '/v1/limits')).limits,
    /** The limit of that name, new or instead of the one before. */
    set: (limit: NewStandingLimit) => json<StandingLimit>('POST', '/v1/limits', limit),
    remove: (name: string) => json<void>('DELETE', at('/v1/limits/', name)),
  };
}
