import { parseId, type TenantId } from '@ambit/protocol';
import { type Ground, refuse } from '../../foundation/index.ts';
import type { PersonKey } from '../person.ts';
import type { Session } from '../session.ts';
import { findLink, findProvider } from './store.ts';

/**
 * INVARIANT (liveness is read): a session lives while what opened it does: the enrolled key, or the provider and who its
 * subject is here.
 */
export async function requireOpenerStands(
  ground: Ground,
  tenant: TenantId,
  { id, openedWith, person, signIn }: Session,
  keys: readonly PersonKey[],
): Promise<void> {
  const provider = parseId('signInProvider', openedWith);
  if (provider === undefined || signIn === null) {
    if (keys.some((key) => key.thumbprint === openedWith)) return;
    throw refuse('session.invalid', `the key that opened ${id} is revoked`);
  }
  const stands = (await findProvider(ground, tenant, provider))?.state === 'active';
  const link = stands ? await findLink(ground, tenant, provider, signIn.subject) : undefined;
  if (link?.person !== person) throw refuse('session.invalid', `the sign-in that opened ${id} counts no more`);
}
