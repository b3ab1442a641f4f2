import type { EnforcementPointId, PersonId } from '@ambit/protocol';
import type { PublicJwk } from '../../wire/key.ts';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import type { Page } from './page.ts';

/** Somebody else’s gate that asks this plane for decisions. */
export type EnforcementPoint = {
  readonly id: EnforcementPointId;
  readonly name: string;
  readonly kind: 'authzen' | 'auth-request' | 'signals';
  /** The domain that it asks about; null where it asks about what Ambit itself knows. */
  readonly domain: string | null;
  /** Whether it may also search; null is no. */
  readonly maySearch: boolean | null;
  readonly jwk: PublicJwk | null;
  readonly proves: 'key' | 'secret';
  readonly state: 'active' | 'retired';
  readonly registeredBy: PersonId;
  /** Epoch milliseconds. */
  readonly registeredAt: number;
};

/** With a public key, or without one for a proxy that can only send a header: then a secret is answered. */
export type NewEnforcementPoint = Pick<EnforcementPoint, 'name' | 'kind'> &
  Partial<Pick<EnforcementPoint, 'domain' | 'maySearch'>> & { readonly jwk?: PublicJwk };

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
