import type { AgeLimit, NewStandingLimit, StandingLimit } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

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
