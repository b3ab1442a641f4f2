import type { AgeLimit, NewStandingLimit } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Limits = ReturnType<typeof limitsRoom>;

/** Changes are for administrators. */
export function limitsRoom({ json }: Ask) {
  return {
    list: async () => (await json('GET /v1/limits')).limits,
    /** The limit of that name, new or instead of the one before. */
    set: (limit: NewStandingLimit) => json('POST /v1/limits', { body: limit }),
    ages: async () => (await json('GET /v1/age-limits')).limits,
    /** What is older than that already ends at once. */
    setAge: (limit: Pick<AgeLimit, 'of' | 'secondsMax' | 'reason'>) => json('POST /v1/age-limits', { body: limit }),
    removeAge: (of: AgeLimit['of']) => json('DELETE /v1/age-limits/:of', { at: { of } }),
    remove: (name: string) => json('DELETE /v1/limits/:name', { at: { name } }),
  };
}
