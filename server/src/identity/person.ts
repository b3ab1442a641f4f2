import type { Authority, KeyId, PasskeyScope, PersonId, PersonKeyKind } from '@ambit/protocol';
import { type PersonCaller, refuse } from '../foundation/index.ts';
import type { PublicJwk } from './key.ts';

export const roles = ['administrator', 'catalog', 'policy', 'approver', 'auditor', 'owner', 'reviewer'] as const;
export type Role = (typeof roles)[number];

/** Who may do what a role is needed for without holding it. INVARIANT: nobody answers a question by such a role. */
const includedIn: Partial<Record<Role, Role>> = { owner: 'administrator', reviewer: 'auditor' };

export function holdsRole(held: readonly string[], role: Role): boolean {
  const wider = includedIn[role];
  return held.includes(role) || (wider !== undefined && held.includes(wider));
}

/** A human: signs in, owns agents, asks for tasks, answers approvals. */
export type Person = {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  /** Epoch milliseconds of the last change of roles: they reach no question that was asked before. */
  readonly rolesSince: number;
  readonly state: 'active' | 'disabled';
  /** What this person may hand to agents, through tasks and standing grants. Empty: nothing. */
  readonly delegable: Authority;
  readonly createdAt: number;
  readonly epoch: number;
};

/** What is kept of a passkey beside its public key. */
export type Passkey = PasskeyScope & {
  /** Id of the credential, base64url. */
  readonly credential: string;
  readonly transports: readonly string[];
  /** Model of the authenticator, by its own word. */
  readonly aaguid: string;
  /** As it said when it was last used; 0 where it does not count. */
  readonly signCount: number;
  /** Whether it may be on several devices of its holder, and whether it was when it was last used. */
  readonly mayBeBackedUp: boolean;
  readonly isBackedUp: boolean;
};

export type PersonKey = {
  readonly id: KeyId;
  readonly person: PersonId;
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
  readonly label: string;
  readonly kind: PersonKeyKind;
  /** Null for a key that signs by itself. */
  readonly passkey: Passkey | null;
  readonly state: 'active' | 'revoked';
  /** Who issued the enrolment code that brought this key, or signed for it; null where the plane itself did. */
  readonly addedBy: PersonId | null;
  readonly addedAt: number;
};

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
