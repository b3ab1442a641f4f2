import type { AgentId, Authority, PersonId, TenantId } from '@ambit/protocol';
import { narrows } from '../authority/index.ts';
import type { Ground, Lowering, PersonCaller } from '../foundation/index.ts';
import { requireAgent } from './move-agent.ts';
import type { Role } from './person.ts';
import { requirePerson } from './require-person.ts';
import { listOpenEnrolments, listPersonKeys } from './store.ts';

// What lowers a gate when persons change: who gets a right, may hand out more, or could become somebody who has it.

type Held = { readonly roles: readonly Role[]; readonly delegable: Authority };

export const isMore = (after: Held, before: Held): boolean =>
  after.roles.some((role) => !before.roles.includes(role)) || !narrows(after.delegable, before.delegable).narrower;

/** What a person would hold, where that is more than they do. */
export async function lowersForPerson(
  ground: Ground,
  { tenant }: PersonCaller,
  id: PersonId,
  set: Partial<Held>,
): Promise<Lowering | null> {
  const { name, roles, delegable } = await requirePerson(ground, tenant, id);
  const [before, after] = [
    { roles, delegable },
    { roles, delegable, ...set },
  ];
  if (!isMore(after, before)) return null;
  const says = `${name} would hold a role, or hand to agents, more than before.`;
  return { says, changes: { person: id, before, after, opens: await whatOpens(ground, tenant, id) }, gains: id };
}

/**
 * THREATS: gates-fall-slowly. Whoever holds one of these gains it too: a code that one person got alone while there was
 * nothing to gain is seen by the second one, and one that comes later is not what they signed.
 */
async function whatOpens(ground: Ground, tenant: TenantId, id: PersonId) {
  const [keys, codes] = await Promise.all([listPersonKeys(ground, tenant, id), listOpenEnrolments(ground, tenant, id)]);
  return {
    keys: keys
      .filter(({ state }) => state === 'active')
      .map(({ thumbprint, label, addedBy, addedAt }) => ({ thumbprint, label, addedBy, addedAt })),
    codes: codes.map(({ id: enrolment, issuedBy, issuedAt, expiresAt }) => ({
      enrolment,
      issuedBy,
      issuedAt,
      expiresAt,
    })),
  };
}

const nothing: Held = { roles: [], delegable: [] };

export function lowersByNewPerson(name: string, held: Held): Lowering | null {
  if (!isMore(held, nothing)) return null;
  return { says: `${name} would be registered with rights from the start.`, changes: { name, ...held } };
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
  return { says, changes: { agent: id, before, after }, gains: after };
}
