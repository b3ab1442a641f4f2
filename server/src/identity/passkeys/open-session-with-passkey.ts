import { type PasskeyScope, parseId, type TenantId } from '@ambit/protocol';
import { type Ground, refuse, span } from '../../foundation/index.ts';
import { personFacts } from '../facts.ts';
import { type Opened, openedBy, openSessionOf } from '../open-session.ts';
import type { Passkey, Person, PersonKey } from '../person.ts';
import type { Proof } from '../proof.ts';
import { spendChallenge } from '../spend-proof.ts';
import { tenantOfSubject } from '../store.ts';
import { coseOfJwk } from './cose-key.ts';
import { countUse } from './count-use.ts';
import { requestOptions } from './creation-options.ts';
import type { Passkeys } from './enrol-passkey.ts';
import { challengeIn, requireOwnPage, sentenceOf } from './read-credential.ts';
import type { AssertedCredential } from './shapes.ts';
import { webauthn } from './webauthn.ts';

/** What any browser is asked to answer that wants a session: nobody is named, and nothing is kept. */
export const offerSession = (ground: Ground, { challenges, scope }: Passkeys, proof: Proof) =>
  requestOptions(scope, challenges.issue(useOf(proof), ground.clock()));

const useOf = ({ jkt }: Proof) => ({ use: 'session', jkt, about: '' }) as const;

/**
 * Opens a session for whoever the passkey belongs to, bound to the key of the proof: the challenge that was answered is
 * one for that key, so that a stolen answer opens no session for anybody else.
 */
export function openSessionWithPasskey(
  ground: Ground,
  { challenges, scope }: Passkeys,
  { credential, proof }: { readonly credential: AssertedCredential; readonly proof: Proof },
): Promise<Opened> {
  return span('identity/open-session-with-passkey', async () => {
    const answered = challenges.open(challengeIn(credential), useOf(proof), ground.clock());
    const { tenant, person, key } = await holderOf(ground, credential);
    const authenticator = await verified(credential, answered.text, scope, key);
    if (person.state !== 'active') throw refuse('person.not_active', `${person.id} is ${person.state}`);
    const who = openedBy(person.id, proof, 'passkey');
    const counted = await countUse(ground, { tenant, who }, { key, authenticator });
    const spent = [spendChallenge(answered), ...counted];
    return openSessionOf(ground, { tenant, person, key, proof, by: 'passkey', spent });
  });
}

type Holder = { readonly tenant: TenantId; readonly person: Person; readonly key: Enrolled };
type Enrolled = PersonKey & { readonly passkey: Passkey };

// Unknown people, unknown passkeys and wrong answers are refused in the same words.
async function holderOf(ground: Ground, { id, response }: AssertedCredential): Promise<Holder> {
  const person = parseId('person', Buffer.from(response.userHandle ?? '', 'base64url').toString());
  const tenant = person && (await tenantOfSubject(ground, person));
  const facts = person && tenant && (await personFacts(ground, tenant, person));
  const key = facts?.keys.find((one): one is Enrolled => one.passkey?.credential === id);
  if (!tenant || !facts || !key) throw refuse('passkey.refused', `nobody ${person ?? 'at all'} has the passkey ${id}`);
  return { tenant, person: facts.person, key };
}

/** WebAuthn §7.2, by the library; the counter is held against the row in the unit. */
async function verified({ id, response }: AssertedCredential, challenge: string, scope: PasskeyScope, key: Enrolled) {
  if (key.passkey.origin !== scope.origin) {
    throw refuse('passkey.refused', `${key.id} was made for ${key.passkey.origin}`);
  }
  const { userHandle, ...assertion } = response;
  const result = await webauthn.library
    .verifyAuthenticationResponse({
      response: { id, rawId: id, type: 'public-key', response: assertion, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: scope.origin,
      expectedRPID: scope.rpId,
      requireUserVerification: true,
      credential: { id, publicKey: coseOfJwk(key.jwk), counter: 0 },
    })
    .catch((error: unknown) => {
      // Whatever the library throws is about what came.
      throw refuse('passkey.refused', sentenceOf(error));
    });
  requireOwnPage(response.clientDataJSON);
  if (!result.verified) throw refuse('passkey.refused', 'the signature is not that of the passkey');
  const { newCounter, credentialBackedUp } = result.authenticationInfo;
  return { signCount: newCounter, isBackedUp: credentialBackedUp };
}
