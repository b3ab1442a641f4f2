import { type KeyId, mediaType, type PasskeyScope, type PersonId, type PersonKeyKind, utf8 } from '@ambit/protocol';
import { type KeyInput, openKey, type PublicJwk } from '../wire/key.ts';
import { readAnswer } from '../wire/read-answer.ts';
import { type Beneath, openWire, send } from '../wire/wire.ts';

export type Enrolling = Beneath & {
  /** Origin of the people’s listener, e.g. `https://ambit.example`. */
  readonly url: string;
  /** The one-time code that an administrator, or the first start of the plane, handed out. */
  readonly code: string;
  readonly key: KeyInput;
  /** What the key is called in lists, e.g. `laptop`. */
  readonly label?: string;
};

/** What is kept of a passkey beside its public key. */
export type Passkey = PasskeyScope & {
  /** Id of the credential, base64url. */
  readonly credential: string;
  readonly transports: readonly string[];
  /** Model of the authenticator, by its own word. */
  readonly aaguid: string;
  /** How often it was used, by its own count; 0 where it does not count. */
  readonly signCount: number;
  /** Whether it may be on several devices of its holder, and whether it was when it was last used. */
  readonly mayBeBackedUp: boolean;
  readonly isBackedUp: boolean;
};

export type PersonKey = {
  readonly id: KeyId;
  readonly person: PersonId;
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
  readonly label: string;
  readonly kind: PersonKeyKind;
  /** Null for a key that signs by itself. */
  readonly passkey: Passkey | null;
  readonly state: 'active' | 'revoked';
  readonly addedBy: PersonId | null;
  /** Epoch milliseconds. */
  readonly addedAt: number;
};

/**
 * Enrols a key for the person whom the code was issued for; the answer says who that is. The code works once.
 * Throws `AmbitRefusal`: `enrolment.refused` for a wrong, used or expired code, `key.known` for a key that is taken.
 */
export async function enrol({ url, code, key, label = 'key', ...beneath }: Enrolling): Promise<PersonKey> {
  const wire = openWire(url, beneath);
  const response = await send(wire, await openKey(key), {
    method: 'POST',
    path: '/v1/enrolments/redeem',
    headers: { 'content-type': mediaType.json },
    body: new Uint8Array(utf8(JSON.stringify({ code, label }))),
  });
  return readAnswer(response);
}
