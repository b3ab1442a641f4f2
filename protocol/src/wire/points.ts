import type { EnforcementPointId, PersonId } from '../ids.ts';
import type { PublicJwk } from '../signature.ts';

/** Somebody else’s gate that asks this plane for decisions, or that hears what ended (`signals`). */
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
  Partial<Pick<EnforcementPoint, 'domain'>> & { readonly maySearch?: boolean; readonly jwk?: PublicJwk };
