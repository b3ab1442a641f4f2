import type { Authority } from '../authority/authority.ts';
import type { KeyId, PersonId, TenantId } from '../ids.ts';
import type { PasskeyScope, PersonKeyKind, PublicJwk } from '../signature.ts';
import type { Ending } from './endings.ts';

export type Role = 'administrator' | 'catalog' | 'policy' | 'approver' | 'auditor' | 'owner' | 'reviewer';

export type Person = {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  /** Epoch milliseconds of the last change of roles: they answer no question that was asked before. */
  readonly rolesSince: number;
  readonly state: 'active' | 'disabled';
  /** What this person may hand to agents. */
  readonly delegable: Authority;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly epoch: number;
};

export type PersonInShort = Pick<Person, 'id' | 'name' | 'roles' | 'state'>;

/** A one-time code, shown this once. */
export type EnrolmentCode = {
  readonly code: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

export type NewPerson = {
  readonly name: string;
  readonly email?: string;
  readonly roles?: readonly Role[];
  readonly delegable?: Authority;
};

/** The person, and what ended with them. */
export type DisabledPerson = Person & { readonly ending: Ending };

/** What is kept of a passkey beside its public key. */
export type Passkey = PasskeyScope & {
  /** Id of the credential, base64url. */
  readonly credential: string;
  readonly transports: readonly string[];
  /** Model of the authenticator, by its own word. */
  readonly aaguid: string;
  /** How often it was used, by its own count; 0 where it does not count. */
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
  readonly addedBy: PersonId | null;
  /** Epoch milliseconds. */
  readonly addedAt: number;
};

/** What a person signs, with a key they have already, to get another one. */
export type PasskeyAddition = {
  readonly type: 'ambit_passkey_addition';
  readonly tenant: TenantId;
  readonly person: PersonId;
  /** Id of the new credential, base64url. */
  readonly credential: string;
  /** `sha-256:` of its attestation object, which holds the public key. */
  readonly attestation: string;
  readonly label: string;
  readonly at: number;
};

/** The person behind the key. */
export type Me = Person & {
  readonly tenant: TenantId;
  /** What the organisation is called; null where that is not known. */
  readonly tenantName: string | null;
  readonly keys: readonly PersonKey[];
  readonly session: SessionShown;
};

/** How the person behind a session proved who they are. Times are epoch milliseconds. */
export type SessionShown = {
  readonly by: 'key' | 'provider';
  /** Null where a provider did not say. */
  readonly authenticatedAt: number | null;
  readonly acr: string;
  readonly expiresAt: number;
};

/** What the plane says of itself to everybody. */
export type Health = {
  readonly status: 'ok';
  /** Origin of the agents’ listener, which is the gateway too. */
  readonly agents: string;
  /** Origin at which people open Ambit; told on the people’s listener only. */
  readonly people?: string;
  /** How long the log is, and the thumbprint of the key that signs it. */
  readonly entries: number;
  readonly logKey: string;
};
