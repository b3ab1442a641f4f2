import type { PersonId, TenantId } from '@ambit/protocol';
import type { SigningKey } from '../wire/key.ts';

/** Who signs documents, and when. */
export type Signer = {
  readonly key: SigningKey;
  readonly person: PersonId;
  readonly tenant: () => Promise<TenantId>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
};
