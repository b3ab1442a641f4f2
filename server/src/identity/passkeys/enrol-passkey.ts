import type { EntryId, PasskeyScope } from '@ambit/protocol';
import { type Ground, refuse, span } from '../../foundation/index.ts';
import { enrolledBy, openEnrolment, requireNoAgents } from '../enrol-person-key.ts';
import { keyDetail } from '../key-detail.ts';
import type { PersonKey } from '../person.ts';
import type { Proof } from '../proof.ts';
import { personResource, record } from '../record.ts';
import { requirePerson } from '../require-person.ts';
import { spendChallenge, spendProof } from '../spend-proof.ts';
import { addPersonKey, changePerson, listPersonKeys, useEnrolment } from '../store.ts';
import type { Challenges } from './challenge.ts';
import { creationOptions } from './creation-options.ts';
import { challengeIn, readCredential } from './read-credential.ts';
import type { NewCredential } from './shapes.ts';

export type Passkeys = { readonly challenges: Challenges; readonly scope: PasskeyScope };

/** What the browser of whoever has that code is asked to make. The code is not used by it. */
export async function offerEnrolment(
  ground: Ground,
  { challenges, scope }: Passkeys,
  { code, proof }: { readonly code: string; readonly proof: Proof },
) {
  const { tenant, enrolment } = await openEnrolment(ground, code);
  const person = await requirePerson(ground, tenant, enrolment.person);
  const use = { use: 'enrolment', jkt: proof.jkt, about: enrolment.id } as const;
  const known = await listPersonKeys(ground, tenant, person.id);
  return creationOptions(scope, person, challenges.issue(use, ground.clock()), known);
}

export type EnrollingPasskey = {
  readonly code: string;
  readonly label: string;
  readonly credential: NewCredential;
  readonly proof: Proof;
};

/** Brings a passkey to the person whom the code was issued for. The code works once, for a key of either kind. */
export function enrolPasskey(
  ground: Ground,
  { challenges, scope }: Passkeys,
  { code, label, credential, proof }: EnrollingPasskey,
): Promise<{ key: PersonKey; entry: EntryId }> {
  return span('identity/enrol-passkey', async () => {
    const { tenant, enrolment } = await openEnrolment(ground, code);
    const use = { use: 'enrolment', jkt: proof.jkt, about: enrolment.id } as const;
    const answered = challenges.open(challengeIn(credential), use, ground.clock());
    const read = await readCredential(credential, answered, scope);
    const person = await requirePerson(ground, tenant, enrolment.person);
    await requireNoAgents(ground, tenant, read.thumbprint);
    if (person.state !== 'active') throw refuse('person.not_active', `${person.id} is ${person.state}`);
    const key: PersonKey = {
      id: ground.newId('key'),
      person: person.id,
      label,
      kind: 'passkey',
      ...read,
      state: 'active',
      addedBy: enrolment.issuedBy,
      addedAt: ground.clock(),
    };
    const entry = await record(
      ground,
      { tenant, who: enrolledBy(person.id, proof) },
      {
        kind: 'identity.person-key-enrolled',
        keys: [personResource(person.id)],
        changes: [
          useEnrolment(enrolment.id),
          spendProof(proof),
          spendChallenge(answered),
          addPersonKey(key),
          changePerson(person, {}),
        ],
        detail: { ...keyDetail(key), enrolment: enrolment.id },
      },
    );
    return { key, entry };
  });
}
