import type { EnforcementPointId, PersonId } from '@ambit/protocol';
import type { PublicJwk } from './key.ts';

/** Somebody else's gate that asks for decisions. It has a key, or, where a proxy can only send a header, a secret. */
export type EnforcementPoint = {
  readonly id: EnforcementPointId;
  readonly name: string;
  readonly kind: 'authzen' | 'auth-request';
  readonly jwk: PublicJwk | null;
  readonly secretHash: string | null;
  readonly state: 'active' | 'retired';
  readonly registeredBy: PersonId;
  readonly registeredAt: number;
};
