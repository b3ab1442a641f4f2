import type { PersonId, TenantId } from '@ambit/protocol';
import type { Change, Ground, Secret } from '../foundation/index.ts';
import { bearerHash, mintBearer } from './bearer.ts';
import { type Enrolment, enrolmentSecondsDefault } from './enrolment.ts';
import { addEnrolment } from './store.ts';

/** A fresh one-time code for that person: shown once to whoever asked for it, kept as a hash. */
export type Invitation = { readonly code: Secret; readonly enrolment: Enrolment; readonly change: Change };

export function invite(
  ground: Ground,
  tenant: TenantId,
  person: PersonId,
  issuedBy: PersonId | null,
  seconds = enrolmentSecondsDefault,
): Invitation {
  const code = mintBearer(tenant);
  const issuedAt = ground.clock();
  const enrolment: Enrolment = {
    id: ground.newId('enrolment'),
    person,
    codeHash: bearerHash(code.unwrap()),
    state: 'open',
    issuedBy,
    issuedAt,
    expiresAt: issuedAt + seconds * 1000,
  };
  return { code, enrolment, change: addEnrolment(enrolment) };
}
