import type { Passkey, Person, PersonKey, Role } from '@ambit/protocol/wire';
import { type PersonCaller, refuse } from '../foundation/index.ts';

export type { Passkey, Person, PersonKey, Role };

export const roles = [
  'administrator',
  'catalog',
  'policy',
  'approver',
  'auditor',
  'owner',
  'reviewer',
] as const satisfies readonly Role[];

/** Who may do what a role is needed for without holding it. INVARIANT: nobody answers a question by such a role. */
const includedIn: Partial<Record<Role, Role>> = { owner: 'administrator', reviewer: 'auditor' };

export function holdsRole(held: readonly string[], role: Role): boolean {
  const wider = includedIn[role];
  return held.includes(role) || (wider !== undefined && held.includes(wider));
}

export const isAdministrator = (person: Person): boolean =>
  person.state === 'active' && person.roles.includes('administrator');

export function requireRole(caller: Pick<PersonCaller, 'person' | 'roles'>, role: Role): void {
  if (holdsRole(caller.roles, role)) return;
  throw refuse('caller.not_allowed', `${caller.person} is not ${role}`, `Ask a person with the role ${role}.`);
}

/** Who is to answer for an agent holds the role owner, or is an administrator. Those who own one already go on. */
export const mayOwnAgents = (person: Person): boolean => person.state === 'active' && holdsRole(person.roles, 'owner');

export function requireMayOwnAgents(person: Person): void {
  if (person.state !== 'active') throw refuse('person.not_active', `${person.id} is ${person.state}`);
  if (!mayOwnAgents(person))
    throw refuse('person.no_owner', `${person.id} holds ${person.roles.join(', ') || 'no role'}`);
}
