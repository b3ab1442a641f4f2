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

/** How old keys, tokens, tasks or agents of the organisation may become (keys of one template 90 days, unless set); of `unused`, how long an agent may take no token. */
export type AgeLimit = {
  readonly of: 'key' | 'template-key' | 'token' | 'task' | 'agent' | 'unused';
  readonly secondsMax: number;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly setAt: number;
  readonly setBy: string;
};

export type Limits = ReturnType<typeof limitsRoom>;

/** Changes are for administrators. */
export function limitsRoom({ json }: Ask) {
  return {
    list: async () => (await json<{ limits: readonly StandingLimit[] }>('GET', '/v1/limits')).limits,
    /** The limit of that name, new or instead of the one before. */
    set: (limit: NewStandingLimit) => json<StandingLimit>('POST', '/v1/limits', limit),
    ages: async () => (await json<{ limits: readonly AgeLimit[] }>('GET', '/v1/age-limits')).limits,
    /** What is older than that already ends at once. */
    setAge: (limit: Pick<AgeLimit, 'of' | 'secondsMax' | 'reason'>) => json<AgeLimit>('POST', '/v1/age-limits', limit),
    removeAge: (of: AgeLimit['of']) => json<void>('DELETE', at('/v1/age-limits/', of)),
    remove: (name: string) => json<void>('DELETE', at('/v1/limits/', name)),
  };
}
