import type { EntryId, TenantId, Who } from '@ambit/protocol';
import {
  type Change,
  type EntryDraft,
  entry,
  type Ground,
  planeItself,
  refuse,
  type Secret,
  span,
} from '../../foundation/index.ts';
import { bearerHash, mintBearer } from '../bearer.ts';
import { isMore } from '../lowers.ts';
import type { Person } from '../person.ts';
import type { Proof } from '../proof.ts';
import { personResource } from '../record.ts';
import { type Session, sessionSecondsMax } from '../session.ts';
import { spendProof, spendSignIn } from '../spend-proof.ts';
import { addSession, changePerson, listOpenEnrolments, tenantOfSubject, withdrawEnrolment } from '../store.ts';
import { grouped, groupsOf } from './apply-groups.ts';
import { type ProvedClaims, provedClaims, type Returned, requireCode } from './claims.ts';
import { type Flow, openFlow } from './flow.ts';
import { type Met, meetPerson } from './meet-person.ts';
import { providerResource, type SignIn, type SignInProvider } from './sign-in-provider.ts';
import { redirectUriOf, type SignInParts } from './start-sign-in.ts';
import { changeLink, findProvider, providerStands } from './store.ts';

export type SignedIn = Pick<SignIn, 'authTime' | 'acr'> & {
  readonly token: Secret;
  readonly session: Session;
  readonly tenant: TenantId;
  readonly entry: EntryId;
  /** Where a browser goes to sign out there too; null where the provider has no such place. */
  readonly endSessionUrl: string | null;
};

/**
 * Opens a session for whoever the provider says has signed in, bound to the key that began it. The flow and the proof
 * are spent in the unit that writes it, with what the groups of that person give now.
 */
export function finishSignIn(
  parts: SignInParts,
  { proof, ...returned }: Returned & { readonly proof: Proof },
): Promise<SignedIn> {
  return span('identity/finish-sign-in', async () => {
    const { ground, seal, clients, door, pace } = parts;
    const flow = openFlow(seal, returned.state, { jkt: proof.jkt, now: ground.clock() });
    const tenant = await tenantOfSubject(ground, flow.provider);
    const provider = tenant && (await findProvider(ground, tenant, flow.provider));
    if (tenant === undefined || provider?.state !== 'active')
      throw refuse('sign_in.refused', `provider ${flow.provider} is not one of ours any more`);
    const client = await clients.of(tenant, provider);
    requireCode(returned);
    const claims = await pace.ask(`${tenant} ${provider.id}`, () =>
      provedClaims(client, provider, redirectUriOf(door), flow, returned),
    );
    const met = await meetPerson(ground, tenant, provider, claims);
    const opened = await openFor(ground, { tenant, provider, flow, proof, claims, met });
    const { authTime, acr } = claims.signIn;
    return { ...opened, tenant, authTime, acr, endSessionUrl: client.serverMetadata().end_session_endpoint ?? null };
  });
}

type Proved = {
  readonly tenant: TenantId;
  readonly provider: SignInProvider;
  readonly flow: Flow;
  readonly proof: Proof;
  readonly claims: ProvedClaims;
  readonly met: Met;
};

async function openFor(ground: Ground, { tenant, provider, flow, proof, claims, met }: Proved) {
  const token = mintBearer(tenant);
  const session = newSession(ground, met.person, token, proof, provider, claims);
  const who = openedBy(met.person, proof);
  const given = await whatGroupsGive(ground, tenant, provider, met, claims, who);
  const keys = [personResource(met.person.id), providerResource(provider.id)];
  const entryId = ground.newId('entry');
  const { subject, acr, authTime } = claims.signIn;
  const opening = entry({
    id: entryId,
    kind: 'identity.session-opened',
    who,
    keys,
    detail: {
      session: session.id,
      person: met.person.id,
      provider: provider.id,
      issuer: provider.issuer,
      subject,
      acr,
      authTime,
      jkt: proof.jkt,
      expiresAt: session.expiresAt,
    },
  });
  await ground.database.commit({
    tenant,
    checks: [providerStands(provider), ...met.checks],
    changes: [
      spendSignIn(flow.provider, flow),
      spendProof(proof),
      ...met.changes,
      ...given.changes,
      addSession(session),
    ],
    entries: [...met.entries(who), ...given.entries, opening],
  });
  return { token, session, entry: entryId };
}

function newSession(
  ground: Ground,
  person: Person,
  token: Secret,
  proof: Proof,
  provider: SignInProvider,
  { signIn }: ProvedClaims,
): Session {
  const openedAt = ground.clock();
  return {
    id: ground.newId('session'),
    person: person.id,
    tokenHash: bearerHash(token.unwrap()),
    jkt: proof.jkt,
    openedWith: provider.id,
    state: 'open',
    openedAt,
    expiresAt: openedAt + sessionSecondsMax * 1000,
    signIn,
  };
}

async function whatGroupsGive(
  ground: Ground,
  tenant: TenantId,
  provider: SignInProvider,
  { person, link }: Met,
  { groups }: ProvedClaims,
  who: Who,
): Promise<{ readonly changes: readonly Change[]; readonly entries: readonly EntryDraft[] }> {
  const after = grouped(ground, person, link, await groupsOf(ground, tenant, provider, groups ?? []));
  if (after === undefined) return { changes: [], entries: [] };
  const { roles, rolesSince, delegable } = after.person;
  // THREATS: gates-fall-slowly. A code that was issued while the person had less opens nobody who has more.
  const open = isMore(after.person, person) ? await listOpenEnrolments(ground, tenant, person.id) : [];
  const told = entry({
    id: ground.newId('entry'),
    kind: 'identity.groups-applied',
    who,
    keys: [personResource(person.id), providerResource(provider.id)],
    detail: {
      person: person.id,
      provider: provider.id,
      groups: groups ?? 'not told',
      before: { roles: person.roles, delegable: person.delegable },
      after: { roles, delegable },
      withdrawn: open.map(({ id }) => id),
    },
  });
  return {
    changes: [
      ...open.map(({ id }) => withdrawEnrolment(id)),
      changePerson(person, { roles, rolesSince, delegable }),
      changeLink(link, { roles: after.link.roles, delegable: after.link.delegable }),
    ],
    entries: [told],
  };
}

const openedBy = (person: Person, proof: Proof): Who => ({
  ...planeItself,
  requester: person.id,
  initiator: person.id,
  instance: proof.jkt,
  channel: 'operator',
  proof: 'sign-in-provider',
});
