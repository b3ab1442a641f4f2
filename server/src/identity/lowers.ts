import type { AgentId, Authority, PersonId } from '@ambit/protocol';
import { narrows } from '../authority/index.ts';
import type { Ground, Lowering, PersonCaller } from '../foundation/index.ts';
import type { WhenShared } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import type { Role } from './person.ts';
import { requirePerson } from './require-person.ts';
import { listLinksOf } from './sign-in/store.ts';
import { findSharedRule, listOpenEnrolments, listPersonKeys } from './store.ts';

// What lowers a gate when persons and agents change: who gets a right, may hand out more, could become somebody who has
// it, or goes on where a copied credential would have stopped.

type Held = { readonly roles: readonly Role[]; readonly delegable: Authority };

export const isMore = (after: Held, before: Held): boolean =>
  after.roles.some((role) => !before.roles.includes(role)) || !narrows(after.delegable, before.delegable).narrower;

/** What a person would hold, where that is more than they do. */
export async function lowersForPerson(
  ground: Ground,
  caller: PersonCaller,
  id: PersonId,
  set: Partial<Held>,
): Promise<Lowering | null> {
  const { name, roles, delegable } = await requirePerson(ground, caller.tenant, id);
  const [before, after] = [
    { roles, delegable },
    { roles, delegable, ...set },
  ];
  if (!isMore(after, before)) return null;
  const says = `${name} would hold a role, or hand to agents, more than before.`;
  return { says, changes: { person: id, before, after, opens: await opensPerson(ground, caller, id) }, gains: id };
}

/**
 * THREATS: gates-fall-slowly. Whoever holds one of these gains it too: a code that one person got alone, or an account that
 * an address found, while there was nothing to gain, is seen by the second one; one that comes later is not what they signed.
 */
export async function opensPerson(ground: Ground, { tenant }: PersonCaller, person: PersonId) {
  const { id, email } = await requirePerson(ground, tenant, person);
  const [keys, codes, accounts] = await Promise.all([
    listPersonKeys(ground, tenant, id),
    listOpenEnrolments(ground, tenant, id),
    listLinksOf(ground, tenant, id),
  ]);
  return {
    /** Finds the person for providers that vouch for its domain. */
    email,
    keys: keys
      .filter(({ state }) => state === 'active')
      .map(({ thumbprint, label, addedBy, addedAt }) => ({ thumbprint, label, addedBy, addedAt })),
    codes: codes.map(({ id: enrolment, issuedBy, issuedAt, expiresAt }) => ({
      enrolment,
      issuedBy,
      issuedAt,
      expiresAt,
    })),
    accounts: accounts.map(({ provider, subject, linkedBy, linkedAt }) => ({ provider, subject, linkedBy, linkedAt })),
  };
}

const nothing: Held = { roles: [], delegable: [] };

export function lowersByNewPerson(name: string, email: string | null, held: Held): Lowering | null {
  if (!isMore(held, nothing)) return null;
  return { says: `${name} would be registered with rights from the start.`, changes: { name, email, ...held } };
}

/** Whoever has the code becomes the person. */
export async function lowersByCode(ground: Ground, { tenant }: PersonCaller, id: PersonId): Promise<Lowering | null> {
  const { name, roles, delegable } = await requirePerson(ground, tenant, id);
  if (!isMore({ roles, delegable }, nothing)) return null;
  const says = `Whoever gets the code could act as ${name}. Whoever confirms this gets it, to hand on.`;
  return { says, changes: { person: id, roles, delegable }, gains: id };
}

/** Whoever brings an agent a key or a name can be the agent: of another's, that takes the owner. */
export async function lowersForAgent(ground: Ground, caller: PersonCaller, id: AgentId): Promise<Lowering | null> {
  const { name, owner } = await requireAgent(ground, caller.tenant, id);
  if (owner === caller.person || !caller.roles.includes('administrator')) return null;
  const instead = `Ask ${owner}, who owns ${name}, to do it: your organisation wants two persons for what opens an agent.`;
  return { says: `Somebody else could act as ${name}.`, changes: { agent: id, owner }, instead };
}

/** Whoever owns an agent brings it keys. To give away one's own opens nothing that its owner could not. */
export async function lowersByOwner(
  ground: Ground,
  caller: PersonCaller,
  id: AgentId,
  after: PersonId,
): Promise<Lowering | null> {
  const { name, owner: before } = await requireAgent(ground, caller.tenant, id);
  if (before === caller.person || before === after) return null;
  const says = `${after} would own ${name} instead of ${before}, and could act as it.`;
  const opens = await opensPerson(ground, caller, after);
  return { says, changes: { agent: id, before, after, opens }, gains: after };
}

/** A thief of a credential is stopped no more, with no agent whose owner did not ask for it. */
export async function lowersByShared(
  ground: Ground,
  { tenant }: PersonCaller,
  after: WhenShared,
): Promise<Lowering | null> {
  const before = (await findSharedRule(ground, tenant))?.whenShared ?? 'record';
  if (before === after || after === 'suspend') return null;
  const says =
    'An agent whose credential is used in two places at once would go on, unless its owner wants it suspended.';
  return { says, changes: { whenShared: { before, after } } };
}

/** The same with one agent: what its owner wanted, its owner takes back. */
export async function lowersBySharedOf(
  ground: Ground,
  caller: PersonCaller,
  id: AgentId,
  after: WhenShared,
): Promise<Lowering | null> {
  const { name, owner, whenShared } = await requireAgent(ground, caller.tenant, id);
  if (after === whenShared || after === 'suspend') return null;
  if (owner === caller.person || !caller.roles.includes('administrator')) return null;
  const instead = `Ask ${owner}, who owns ${name}, to do it: your organisation wants two persons for what lets an agent go on.`;
  return {
    says: `${name} would go on where its credential is used in two places at once.`,
    changes: { agent: id },
    instead,
  };
}
