import type { EntryId, PersonId, TenantId, Who } from '@ambit/protocol';
import { type Ground, planeItself, refuse, span } from '../foundation/index.ts';
import { bearerHash, tenantOfBearer } from './bearer.ts';
import type { Enrolment } from './enrolment.ts';
import { keyDetail } from './key-detail.ts';
import type { PersonKey } from './person.ts';
import type { Proof } from './proof.ts';
import { personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { spendProof } from './spend-proof.ts';
import { addPersonKey, changePerson, findEnrolmentByCode, listAgentKeysWith, useEnrolment } from './store.ts';

/**
 * Brings the key that signed `proof` to the person whom the code was issued for. The proof shows that whoever enrols
 * the key holds its private half; the code works once.
 */
export function enrolPersonKey(
  ground: Ground,
  { code, label, proof }: { readonly code: string; readonly label: string; readonly proof: Proof },
): Promise<{ key: PersonKey; entry: EntryId }> {
  return span('identity/enrol-person-key', async () => {
    const { tenant, enrolment } = await openEnrolment(ground, code);
    const person = await requirePerson(ground, tenant, enrolment.person);
    if (person.state !== 'active') throw refuse('person.not_active', `${person.id} is ${person.state}`);
    await requireNoAgents(ground, tenant, proof.jkt);
    const key: PersonKey = {
      id: ground.newId('key'),
      person: person.id,
      jwk: proof.jwk,
      thumbprint: proof.jkt,
      label,
      kind: 'cli',
      passkey: null,
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
        changes: [useEnrolment(enrolment.id), spendProof(proof), addPersonKey(key), changePerson(person, {})],
        detail: { ...keyDetail(key), enrolment: enrolment.id },
      },
    );
    return { key, entry };
  });
}

/** One key belongs to one person or one agent. */
export async function requireNoAgents(ground: Ground, tenant: TenantId, thumbprint: string): Promise<void> {
  const [agents] = await listAgentKeysWith(ground, tenant, thumbprint);
  if (agents !== undefined) throw refuse('key.known', `key ${thumbprint} is one of ${agents.agent}`);
}

export const enrolledBy = (person: PersonId, proof: Proof): Who => ({
  ...planeItself,
  requester: person,
  initiator: person,
  instance: proof.jkt,
  channel: 'operator',
  proof: 'enrolment',
});

// Wrong, used and expired codes are refused in the same words: a guesser learns nothing.
export async function openEnrolment(ground: Ground, code: string): Promise<{ tenant: TenantId; enrolment: Enrolment }> {
  const tenant = tenantOfBearer(code);
  const enrolment = tenant && (await findEnrolmentByCode(ground, tenant, bearerHash(code)));
  if (tenant === undefined || enrolment === undefined) throw refuse('enrolment.refused', 'no such enrolment code');
  if (enrolment.state !== 'open') throw refuse('enrolment.refused', `${enrolment.id} is ${enrolment.state}`);
  if (ground.clock() >= enrolment.expiresAt) throw refuse('enrolment.refused', `${enrolment.id} has expired`);
  return { tenant, enrolment };
}
