import type { Authority, KeyId, PersonId } from '@ambit/protocol';
import { type PersonCaller, refuse } from '../foundation/index.ts';
import type { PublicJwk } from './key.ts';

export const roles = ['administrator', 'catalog', 'policy', 'approver', 'auditor'] as const;
export type Role = (typeof roles)[number];

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

export type PersonKey = {
  readonly id: KeyId;
  readonly person: PersonId;
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
  readonly label: string;
  readonly kind: 'cli';
  readonly state: 'active' | 'revoked';
  /** Who issued the enrolment code that brought this key; null where the plane itself did. */
  readonly addedBy: PersonId | null;
  readonly addedAt: number;
};

export const isAdministrator = (person: Person): boolean =>
  person.state === 'active' && person.roles.includes('administrator');

export function requireRole(caller: Pick<PersonCaller, 'person' | 'roles'>, role: Role): void {
  if (caller.roles.includes(role)) return;
  throw refuse('caller.not_allowed', `${caller.person} is not ${role}`, `Ask a person with the role ${role}.`);
}
