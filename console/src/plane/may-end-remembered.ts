import type { Me, PersonId, RememberedShown } from '@ambit/sdk/operator';

/** Whether this person may take a remembered yes back, as far as is known here; the plane looks again. */
export const mayEndRemembered = (
  { person }: Pick<RememberedShown, 'person'>,
  me: Pick<Me, 'id' | 'roles'>,
  { requester, owner }: { readonly requester: PersonId | null; readonly owner: PersonId | undefined },
): boolean =>
  [person, requester, owner].includes(me.id) ||
  me.roles.some((role) => role === 'approver' || role === 'administrator');
