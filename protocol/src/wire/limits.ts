import type { Limit } from '../authority/authority.ts';

/**
 * A limit that outlives tasks: it bounds what is done over a window, whatever number of tasks it is done in. Set by people,
 * never part of a grant.
 */
export type StandingLimit = {
  /** Names it within the organisation, e.g. `refunds-per-day`. */
  readonly name: string;
  /** Whose use is counted: the organisation’s as a whole, or that of each agent, requester, action or purpose type. */
  readonly subject: 'tenant' | 'agent' | 'requester' | 'action' | 'purpose';
  /** The one it binds: an agent, person, action or purpose type. Null: each of them, with a counter of its own. */
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
