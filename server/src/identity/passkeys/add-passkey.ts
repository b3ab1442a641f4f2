import { hash } from 'node:crypto';
import type { EntryId } from '@ambit/protocol';
import type { PasskeyAddition } from '@ambit/protocol/wire';
import { type Ground, refuse, span } from '../../foundation/index.ts';
import type { SessionCaller } from '../authenticate-person.ts';
import { requireNoAgents } from '../enrol-person-key.ts';
import { keyDetail } from '../key-detail.ts';
import type { PersonKey } from '../person.ts';
import { personResource, record } from '../record.ts';
import { requirePerson } from '../require-person.ts';
import { type DocumentSignature, readSignature } from '../signature.ts';
import { spendChallenge } from '../spend-proof.ts';
import { addPersonKey, changePerson, listPersonKeys, personKeyStands } from '../store.ts';
import { countUse } from './count-use.ts';
import { creationOptions } from './creation-options.ts';
import type { Passkeys } from './enrol-passkey.ts';
import { challengeIn, readCredential } from './read-credential.ts';
import type { NewCredential } from './shapes.ts';

export type { PasskeyAddition };

export type AddingPasskey = {
  readonly document: PasskeyAddition;
  readonly credential: NewCredential;
  readonly signature: DocumentSignature;
};

/** What the browser of the person in the session is asked to make. */
export async function offerAddition(ground: Ground, { challenges, scope }: Passkeys, by: SessionCaller) {
  const person = await requirePerson(ground, by.tenant, by.person);
  const known = await listPersonKeys(ground, by.tenant, by.person);
  return creationOptions(scope, person, challenges.issue(useBy(by), ground.clock()), known);
}

const useBy = ({ person, session }: SessionCaller) => ({ use: 'addition', jkt: session.jkt, about: person }) as const;

const additionSkewMilliseconds = 300_000;

/**
 * THREATS: self-approval. Whoever drives a person's browser has their session, and could else bring a passkey of its
 * own: another key takes a signature by one that the person has already, over the very passkey that comes.
 */
export function addPasskey(
  ground: Ground,
  { challenges, scope }: Passkeys,
  by: SessionCaller,
  { document, credential, signature }: AddingPasskey,
): Promise<{ key: PersonKey; entry: EntryId }> {
  return span('identity/add-passkey', async () => {
    const now = ground.clock();
    const answered = challenges.open(challengeIn(credential), useBy(by), now);
    const read = await readCredential(credential, answered, scope);
    requireNamed(document, by, credential, now);
    const person = await requirePerson(ground, by.tenant, by.person);
    await requireNoAgents(ground, by.tenant, read.thumbprint);
    const known = await listPersonKeys(ground, by.tenant, by.person);
    const used = readSignature(known, document, signature);
    requireNoLess(known, used.key);
    const counted = await countUse(ground, by, used);
    const key: PersonKey = {
      id: ground.newId('key'),
      person: person.id,
      label: document.label,
      kind: 'passkey',
      ...read,
      state: 'active',
      addedBy: person.id,
      addedAt: now,
    };
    const entry = await record(ground, by, {
      kind: 'identity.person-key-enrolled',
      keys: [personResource(person.id)],
      checks: [personKeyStands(used.key)],
      changes: [spendChallenge(answered), addPersonKey(key), changePerson(person, {}), ...counted],
      detail: { ...keyDetail(key), document, signature },
    });
    return { key, entry };
  });
}

/**
 * Whoever copied a key file has no device of its person, and makes none for themselves where rules want one. A passkey that was
 * revoked counts: revoking takes no signature.
 */
function requireNoLess(known: readonly PersonKey[], { id, kind }: PersonKey): void {
  if (kind === 'passkey' || known.every((one) => one.kind !== 'passkey')) return;
  const says =
    'Sign with a passkey that you have: who has, or had, one adds no other by a key file. Or ask an administrator for a one-time code.';
  throw refuse('signature.invalid', `${id} is a ${kind} key of somebody who has, or had, a passkey`, says);
}

function requireNamed(document: PasskeyAddition, by: SessionCaller, { id, response }: NewCredential, now: number) {
  const attestation = `sha-256:${hash('sha256', Buffer.from(response.attestationObject, 'base64url'), 'base64url')}`;
  const isOwn = document.tenant === by.tenant && document.person === by.person;
  if (!isOwn || document.credential !== id || document.attestation !== attestation) {
    throw refuse('signature.invalid', 'the document names another person or passkey');
  }
  if (Math.abs(document.at - now) > additionSkewMilliseconds) {
    const says = 'Sign the document anew: at must be the present time.';
    throw refuse('signature.invalid', `at is ${document.at}, it is ${now}`, says);
  }
}
