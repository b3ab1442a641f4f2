import type { AgentUserId, CredentialId } from '../ids.ts';

export type CredentialKind = 'bearer' | 'header' | 'basic' | 'query' | 'certificate' | 'x509-svid' | 'jwt-svid';

/** A downstream credential, without its secret: that goes in and never comes out. */
export type Credential = {
  readonly id: CredentialId;
  readonly name: string;
  readonly kind: CredentialKind;
  /** Header or query name, the user of a basic credential, or the audience of a JWT-SVID; null for all else. */
  readonly place: string | null;
  readonly origins: readonly string[];
  readonly api: string | null;
  readonly agentUser: AgentUserId | null;
  readonly state: 'active' | 'disabled';
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
