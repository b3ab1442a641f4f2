import type { PersonKey } from '@ambit/protocol/wire';
import { askWithKey } from '../wire/asked.ts';
import { type KeyInput, openKey } from '../wire/key.ts';
import { type Beneath, openWire } from '../wire/wire.ts';

export type Enrolling = Beneath & {
  /** Origin of the people’s listener, e.g. `https://ambit.example`. */
  readonly url: string;
  /** The one-time code that an administrator, or the first start of the plane, handed out. */
  readonly code: string;
  readonly key: KeyInput;
  /** What the key is called in lists, e.g. `laptop`. */
  readonly label?: string;
};

/**
 * Enrols a key for the person whom the code was issued for; the answer says who that is. The code works once.
 * Throws `AmbitRefusal`: `enrolment.refused` for a wrong, used or expired code, `key.known` for a key that is taken.
 */
export async function enrol({ url, code, key, label = 'key', ...beneath }: Enrolling): Promise<PersonKey> {
  const wire = openWire(url, beneath);
  return askWithKey(wire, await openKey(key), 'POST /v1/enrolments/redeem', { body: { code, label } });
}
