import type { AgentUserId, CredentialId } from '../ids.ts';

/**
 * How the secret stands in a request: `authorization` as bearer or basic, a header of its own, a query parameter. A
 * certificate with its key stands in no request: the connection shows it. An SVID is the calling agent's own, made by the
 * plane when it is needed: shown by the connection, or as bearer.
 */
export type CredentialKind = 'bearer' | 'header' | 'basic' | 'query' | 'certificate' | 'x509-svid' | 'jwt-svid';

/** A downstream credential, without its secret: that goes in and never comes out. */
export type Credential = {
  readonly id: CredentialId;
  readonly name: string;
  readonly kind: CredentialKind;
  /** Header or query name, the user of a basic credential, or the audience of a JWT-SVID; null for all else. */
  readonly place: string | null;
  /** Scheme, host and port, as a person named them; sorted. */
  readonly origins: readonly string[];
  /** The one API of the catalog it is for; null for every API at its origins. */
  readonly api: string | null;
  /** The user-shaped record that it acts as downstream; null where it is not a user's. */
  readonly agentUser: AgentUserId | null;
  readonly state: 'active' | 'disabled';
  /** The secret that is lent now: 1 for the first, one more for each rotation. */
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** When an upstream last sent the secret back; null where none ever did. */
  readonly flaggedAt: string | null;
};

export type NewCredential = {
  readonly name: string;
  readonly kind: CredentialKind;
  readonly place?: string;
  /** Where it may go: scheme, host and port; 1 to 16. */
  readonly origins: readonly string[];
  readonly api?: string;
  readonly agentUser?: AgentUserId;
  /** Left out for SVIDs, which the plane makes itself when they are needed. */
  readonly secret?: string;
};
