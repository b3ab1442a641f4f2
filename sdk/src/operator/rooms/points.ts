import type { EnforcementPointId } from '@ambit/protocol';
import type { NewEnforcementPoint, Page } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Points = ReturnType<typeof pointsRoom>;

/** For administrators. */
export function pointsRoom({ json }: Ask) {
  return {
    /** The secret is shown this once; null where the point proves itself with its key. */
    register: (point: NewEnforcementPoint) => json('POST /v1/enforcement-points', { body: point }),
    list: async (page: Page = {}) => (await json('GET /v1/enforcement-points', { query: page })).enforcementPoints,
    retire: (point: EnforcementPointId) => json('DELETE /v1/enforcement-points/:point', { at: { point } }),
  };
}
