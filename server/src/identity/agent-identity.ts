import type { AgentId, AgentIdentityId, PersonId, TenantId } from '@ambit/protocol';
import type { Change, Ground } from '../foundation/index.ts';

/**
 * A name that an authority outside gives to an agent, by which the agent proves itself instead of by an enrolled key.
 * Within a tenant one name stands for one agent.
 */
export type AgentIdentity = {
  readonly id: AgentIdentityId;
  readonly agent: AgentId;
  /** The way of proving it: the name of a `ClientMethod`, or `spiffe` for both kinds of SVIDs. */
  readonly method: string;
  /** Who must say so: for `tls_client_auth` an authority that the settings name, for `spiffe` a trust domain. */
  readonly issuer: string;
  /**
   * What it must say, letter by letter: for `tls_client_auth` a URI (RFC 8705 §2.1.2, `tls_client_auth_san_uri`), for
   * `spiffe` the SPIFFE ID.
   */
  readonly subject: string;
  /** How long keys hold that the workload enrols by it, in seconds; null where it enrols none. */
  readonly keySeconds: number | null;
  readonly addedBy: PersonId;
  readonly addedAt: number;
  /** Epoch milliseconds from which on it proves nothing; 0 while it does. */
  readonly revokedAt: number;
};

/** A way of proving a name, as people register it: who can vouch for it, and what names may look like. */
export type IdentityMethod = {
  readonly issuers: (ground: Ground, tenant: TenantId) => Promise<readonly string[]>;
  /** What is wrong with such a name, as a sentence; undefined where nothing is. */
  readonly whyNot: (subject: string, issuer: string) => string | undefined;
  /** What finds the tenant of a name by itself, written in the same unit; nothing where clients name their agent. */
  readonly index?: (ground: Ground, tenant: TenantId, subject: string) => Promise<readonly Change[]>;
};

/** By the name of the `ClientMethod`. Those that are not set up are not in it. */
export type IdentityMethods = Readonly<Record<string, IdentityMethod>>;
