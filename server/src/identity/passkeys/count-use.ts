import type { AuthenticatorState, TenantId, Who } from '@ambit/protocol';
import { type Change, type Ground, refuse } from '../../foundation/index.ts';
import type { PersonKey } from '../person.ts';
import { personResource, record } from '../record.ts';
import { usePasskey } from '../store.ts';

export type Use = { readonly key: PersonKey; readonly authenticator: AuthenticatorState | null };

/**
 * The use of a key, as changes for the unit that relies on it: none for a key that signs by itself. WebAuthn §7.2: a
 * counter that does not grow says that there are two of what there should be one. What came with it is refused, and told
 * by an entry of its own; whether the passkey is revoked is for people to say.
 */
export async function countUse(
  ground: Ground,
  by: { readonly tenant: TenantId; readonly who: Who },
  { key, authenticator }: Use,
): Promise<readonly Change[]> {
  const { passkey } = key;
  if (passkey === null || authenticator === null) return [];
  const { signCount, isBackedUp } = authenticator;
  const counts = signCount > 0 || passkey.signCount > 0;
  if (counts && signCount <= passkey.signCount) {
    const entry = await record(ground, by, {
      kind: 'identity.passkey-counter-back',
      keys: [personResource(key.person)],
      changes: [],
      detail: { person: key.person, key: key.id, stored: passkey.signCount, came: signCount },
    });
    const because = `the counter of ${key.id} is ${signCount}, and was ${passkey.signCount} before`;
    throw refuse('passkey.counter_back', because, undefined, { 'ambit-entry': entry });
  }
  const isSame = signCount === passkey.signCount && isBackedUp === passkey.isBackedUp;
  return isSame ? [] : [usePasskey(key, { ...passkey, signCount, isBackedUp })];
}
