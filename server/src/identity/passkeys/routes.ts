import { exactly, id, integer, object, text } from '@ambit/protocol';
import { type Ground, type Route, route } from '../../foundation/index.ts';
import { type Door, proofOf, sessionOf } from '../authenticate-person.ts';
import { keyLabel, signatureShape } from '../shapes.ts';
import { addPasskey, offerAddition } from './add-passkey.ts';
import type { Challenges } from './challenge.ts';
import { enrolPasskey, offerEnrolment, type Passkeys } from './enrol-passkey.ts';
import { offerSession, openSessionWithPasskey } from './open-session-with-passkey.ts';
import { relyingParty } from './relying-party.ts';
import { assertedCredentialShape, newCredentialShape } from './shapes.ts';

const time = integer({ min: 0, max: 253_402_300_799_000 });
const code = text({ max: 128 });
const additionBody = object({
  document: object({
    type: exactly('ambit_passkey_addition'),
    tenant: id('tenant'),
    person: id('person'),
    credential: text({ max: 1366 }),
    attestation: text({ max: 64 }),
    label: keyLabel,
    at: time,
  }),
  credential: newCredentialShape,
  signature: signatureShape,
});

export type PasskeyDoor = Door & { readonly challenges: Challenges };

/** Passkeys (WebAuthn Level 3): enrolling one, adding one, signing in with one. */
export function passkeyRoutes(ground: Ground, door: PasskeyDoor): readonly Route[] {
  // Read with each request: a listener knows its own address only once it listens.
  const passkeys = (): Passkeys => ({ challenges: door.challenges, scope: relyingParty(door.origin) });
  return [
    route({
      method: 'POST',
      path: '/v1/enrolments/passkey/options',
      who: 'public',
      says: 'Answers what a browser makes a passkey from, for the person whom the one-time code was issued for.',
      body: object({ code }),
      run: async ({ body, raw }) => {
        const proof = proofOf(door, raw, ground.clock());
        return { status: 200, body: { publicKey: await offerEnrolment(ground, passkeys(), { ...body, proof }) } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/enrolments/passkey/redeem',
      who: 'public',
      says: 'Enrols the passkey that was made, for the person whom the one-time code was issued for.',
      body: object({ code, label: keyLabel, credential: newCredentialShape }),
      run: async ({ body, raw }) => {
        const proof = proofOf(door, raw, ground.clock());
        const { key, entry } = await enrolPasskey(ground, passkeys(), { ...body, proof });
        return { status: 201, body: key, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/sessions/passkey/options',
      who: 'public',
      says: 'Answers what a browser asks for a passkey with; what it answers opens a session for the key of this DPoP proof only.',
      body: object({}),
      run: async ({ raw }) => {
        const proof = proofOf(door, raw, ground.clock());
        return { status: 200, body: { publicKey: offerSession(ground, passkeys(), proof) } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/sessions/passkey',
      who: 'public',
      says: 'Opens a session for the person whose passkey answered, bound to the key of the DPoP proof.',
      body: object({ credential: assertedCredentialShape }),
      run: async ({ body, raw }) => {
        const proof = proofOf(door, raw, ground.clock());
        const opened = await openSessionWithPasskey(ground, passkeys(), { ...body, proof });
        const { token, session, tenant, entry } = opened;
        const { person, expiresAt } = session;
        const shown = { id: session.id, tenant, person, token: token.unwrap(), tokenType: 'DPoP', expiresAt } as const;
        return { status: 201, body: shown, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/person-keys/passkey/options',
      who: 'person',
      says: 'Answers what a browser makes one more passkey from, for the person in the session.',
      run: async ({ caller }) => ({
        status: 200,
        body: { publicKey: await offerAddition(ground, passkeys(), sessionOf(caller)) },
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/person-keys/passkey',
      who: 'person',
      says: 'Adds the passkey that was made, by a signature over it with a key that the person has already.',
      body: additionBody,
      run: async ({ caller, body }) => {
        const { key, entry } = await addPasskey(ground, passkeys(), sessionOf(caller), body);
        return { status: 201, body: key, entry };
      },
    }),
  ];
}
