import type { PersonKey } from '@ambit/protocol/wire';
import { askWithKey } from '../../wire/asked.ts';
import { newProofKey } from '../../wire/key.ts';
import { type Beneath, openWire } from '../../wire/wire.ts';
import { type BrowserCredentials, createCredential } from './credentials.ts';

export type EnrollingPasskey = Beneath & {
  /** Origin of the people’s listener, e.g. `https://ambit.example`: the page must be of that origin. */
  readonly url: string;
  /** The one-time code that an administrator, or the first start of the plane, handed out. */
  readonly code: string;
  /** `navigator.credentials`. */
  readonly credentials: BrowserCredentials;
  /** What the passkey is called in lists, e.g. `phone`. */
  readonly label?: string;
};

/**
 * Makes a passkey and enrols it for the person whom the code was issued for. The code works once; where the device did
 * not confirm (`PasskeyFault`) it was not used. Throws `AmbitRefusal`: `enrolment.refused`, `passkey.refused`.
 */
export async function enrolWithPasskey(enrolling: EnrollingPasskey): Promise<PersonKey> {
  const { url, code, credentials, label = 'passkey', ...beneath } = enrolling;
  const wire = openWire(url, beneath);
  const key = await newProofKey();
  const { publicKey } = await askWithKey(wire, key, 'POST /v1/enrolments/passkey/options', { body: { code } });
  const credential = await createCredential(credentials, publicKey);
  return askWithKey(wire, key, 'POST /v1/enrolments/passkey/redeem', { body: { code, label, credential } });
}
