import type { EnforcementPointId } from '@ambit/protocol';
import type { EnforcementPoint, NewEnforcementPoint } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import type { Page } from './page.ts';

export type Points = ReturnType<typeof pointsRoom>;

/** For administrators. */
export function pointsRoom({ json }: Ask) {
  return {
    /** The secret is shown this once; null where the point proves itself with its key. */
    register: (point: NewEnforcementPoint) =>
      json<EnforcementPoint & { readonly secret: string | null }>('POST', '/v1/enforcement-points', point),
    list: async (page: Page = {}) =>
      (
        await json<{ enforcementPoints: readonly EnforcementPoint[] }>(
          'GET',
          `/v1/enforcement-points${query({ ...page })}`,
        )
      ).enforcementPoints,
    retire: (point: EnforcementPointId) => json<void>('DELETE', at('/v1/enforcement-points/', point)),
  };
}
