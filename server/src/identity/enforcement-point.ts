import type { EnforcementPointId, PersonId } from '@ambit/protocol';
import type { PublicJwk } from './key.ts';

/** Somebody else's gate that asks for decisions, or that hears what ended (`signals`). It has a key, or, where a proxy can only send a header, a secret. */
export type EnforcementPoint = {
  readonly id: EnforcementPointId;
  readonly name: string;
  readonly kind: 'authzen' | 'auth-request' | 'signals';
  /** The domain that it asks about; null where it asks about what Ambit itself knows. */
  readonly domain: string | null;
  /** Whether it may also ask who may do something, and what; rows of before there was a search have nothing here. */
  readonly maySearch: boolean | null;
  readonly jwk: PublicJwk | null;
  readonly secretHash: string | null;
  readonly state: 'active' | 'retired';
  readonly registeredBy: PersonId;
  readonly registeredAt: number;
};
