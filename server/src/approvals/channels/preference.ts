import type { EntryId, PersonId } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, span } from '../../foundation/index.ts';
import { findPreference, setPreference } from './store.ts';

/** `each` question that they may answer; a `digest` once an hour, which says how many wait; or `off`. */
export const mailWishes = ['each', 'digest', 'off'] as const;
export type MailWish = (typeof mailWishes)[number];

/** How a person wants to hear of questions by mail. */
export type Preference = { readonly person: PersonId; readonly mail: MailWish };

export const preferenceByDefault: MailWish = 'each';

/** Each for themselves: nobody else decides what comes to a person. */
export function setMailWish(
  ground: Ground,
  by: PersonCaller,
  mail: MailWish,
): Promise<{ readonly preference: Preference; readonly entry: EntryId }> {
  return span('approvals/set-mail-wish', async () => {
    const before = await findPreference(ground, by.tenant, by.person);
    const preference = { person: by.person, mail };
    const id = ground.newId('entry');
    await ground.database.commit({
      tenant: by.tenant,
      changes: [setPreference(before, preference)],
      entries: [
        entry({
          id,
          kind: 'channel.wish-set',
          who: by.who,
          keys: [`ambit:person/${by.person}`],
          detail: { ...preference, before: before?.mail ?? preferenceByDefault },
        }),
      ],
    });
    return { preference, entry: id };
  });
}
