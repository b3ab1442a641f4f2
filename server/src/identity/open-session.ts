import { type EntryId, type PersonId, parseId, type TenantId, type Who } from '@ambit/protocol';
import { type Change, type Ground, planeItself, refuse, type Secret, span } from '../foundation/index.ts';
import { type Claimed, checkAssertion, readAssertion } from './assertion.ts';
import { bearerHash, mintBearer } from './bearer.ts';
import { personFacts } from './facts.ts';
import { openKey } from './key.ts';
import type { Person, PersonKey } from './person.ts';
import type { Proof } from './proof.ts';
import { personResource, record } from './record.ts';
import { type Session, sessionSecondsMax } from './session.ts';
import { spendAssertion, spendProof } from './spend-proof.ts';
import { addSession, personKeyStands, personStands, tenantOfSubject } from './store.ts';

const assertionSecondsMax = 60;

export type Opening = { readonly assertion: string; readonly proof: Proof; readonly issuer: string };

/**
 * Opens a session for the person who signed the assertion with an enrolled key, bound to the key of the proof. The
 * assertion and the proof are spent in the same unit: neither opens a second one.
 */
export function openSession(ground: Ground, { assertion, proof, issuer }: Opening): Promise<Opened> {
  return span('identity/open-session', async () => {
    const claimed = readAssertion(assertion);
    const { tenant, person, key } = await signerOfAssertion(ground, claimed);
    const rules = { issuer, now: ground.clock(), lifeSecondsMax: assertionSecondsMax };
    const asserted = checkAssertion(claimed, openKey(key.jwk), rules);
    const { confirmed } = asserted;
    if (confirmed !== null && (confirmed.x5t !== null || confirmed.jkt !== proof.jkt)) {
      throw refuse('assertion.invalid', 'cnf names another key than that of the proof');
    }
    if (person.state !== 'active') throw refuse('person.not_active', `${person.id} is ${person.state}`);
    const spent = [spendAssertion(person.id, asserted)];
    return openSessionOf(ground, { tenant, person, key, proof, by: 'person-key', spent });
  });
}

export type Opened = {
  readonly token: Secret;
  readonly session: Session;
  readonly tenant: TenantId;
  readonly entry: EntryId;
};

type By = 'person-key' | 'passkey';
type Proved = Signer & { readonly proof: Proof; readonly by: By; readonly spent: readonly Change[] };

/** The session of a person who proved who they are; what they proved it by is spent in the same unit. */
export async function openSessionOf(
  ground: Ground,
  { tenant, person, key, proof, by, spent }: Proved,
): Promise<Opened> {
  const token = mintBearer(tenant);
  const session = newSession(ground, person.id, token, proof, key);
  const entry = await record(
    ground,
    { tenant, who: openedBy(person.id, proof, by) },
    {
      kind: 'identity.session-opened',
      keys: [personResource(person.id)],
      checks: [personStands(person), personKeyStands(key, 'person.unauthenticated')],
      changes: [...spent, spendProof(proof), addSession(session)],
      detail: {
        session: session.id,
        person: person.id,
        key: key.thumbprint,
        jkt: proof.jkt,
        expiresAt: session.expiresAt,
      },
    },
  );
  return { token, session, tenant, entry };
}

type Signer = { readonly tenant: TenantId; readonly person: Person; readonly key: PersonKey };

// Unknown persons and unknown keys are refused in the same words.
async function signerOfAssertion(ground: Ground, { subject, kid }: Claimed): Promise<Signer> {
  const id = parseId('person', subject);
  const tenant = id && (await tenantOfSubject(ground, id));
  const facts = id && tenant && (await personFacts(ground, tenant, id));
  const key = facts?.keys.find((one) => one.thumbprint === kid && one.kind === 'cli');
  if (!tenant || !facts || !key) throw refuse('person.unauthenticated', `no person ${subject} with a key ${kid}`);
  return { tenant, person: facts.person, key };
}

function newSession(ground: Ground, person: PersonId, token: Secret, proof: Proof, key: PersonKey): Session {
  const openedAt = ground.clock();
  return {
    id: ground.newId('session'),
    person,
    tokenHash: bearerHash(token.unwrap()),
    jkt: proof.jkt,
    openedWith: key.thumbprint,
    state: 'open',
    openedAt,
    expiresAt: openedAt + sessionSecondsMax * 1000,
    signIn: null,
  };
}

export const openedBy = (person: PersonId, proof: Proof, by: By): Who => ({
  ...planeItself,
  requester: person,
  initiator: person,
  instance: proof.jkt,
  channel: 'operator',
  proof: by,
});
