import { type Authority, canonicalJson, type Grant, type TenantId } from '@ambit/protocol';
import type { Ground } from '../../foundation/index.ts';
import type { Person, Role } from '../person.ts';
import type { SignInGroup, SignInLink, SignInProvider } from './sign-in-provider.ts';
import { listGroups } from './store.ts';

/** What a person and the link hold after the groups have given what they give now. */
export type Grouped = { readonly person: Person; readonly link: SignInLink };

/**
 * INVARIANT (groups): what groups gave before and do not give now is gone; what an administrator set stays. Undefined
 * where nothing changes.
 */
export function grouped(
  { clock }: Pick<Ground, 'clock'>,
  person: Person,
  link: SignInLink,
  groups: readonly SignInGroup[],
): Grouped | undefined {
  const ownRoles = person.roles.filter((role) => !link.roles.includes(role));
  const roles = unique(groups.flatMap((group) => group.roles)).filter((role) => !ownRoles.includes(role));
  const ownGrants = without(person.delegable, link.delegable);
  const delegable = without(uniqueGrants(groups.flatMap((group) => group.delegable)), ownGrants);
  const after = { roles: [...ownRoles, ...roles], delegable: [...ownGrants, ...delegable] };
  const isSame =
    same(after.roles.toSorted(), person.roles.toSorted()) &&
    same(after.delegable, person.delegable) &&
    same([roles, delegable], [link.roles, link.delegable]);
  if (isSame) return undefined;
  const rolesSince = same(after.roles.toSorted(), person.roles.toSorted()) ? person.rolesSince : clock();
  return { person: { ...person, ...after, rolesSince, epoch: person.epoch + 1 }, link: { ...link, roles, delegable } };
}

const same = (a: unknown, b: unknown): boolean => canonicalJson(a as never) === canonicalJson(b as never);
const unique = (roles: readonly Role[]): readonly Role[] => [...new Set(roles)];
const uniqueGrants = (grants: Authority): Authority => [
  ...new Map(grants.map((grant) => [canonicalJson(grant as never), grant])).values(),
];
const without = (grants: Authority, others: Authority): Authority => {
  const known = new Set(others.map((grant: Grant) => canonicalJson(grant as never)));
  return grants.filter((grant) => !known.has(canonicalJson(grant as never)));
};

/** What those groups give that an administrator gave something to. */
export async function groupsOf(
  ground: Ground,
  tenant: TenantId,
  { id, groupsClaim }: SignInProvider,
  told: readonly string[],
): Promise<readonly SignInGroup[]> {
  if (groupsClaim === null) return [];
  const names = new Set(told);
  return (await listGroups(ground, tenant, id)).filter(({ group }) => names.has(group));
}
