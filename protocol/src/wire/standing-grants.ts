import type { Authority } from '../authority/authority.ts';
import type { AgentId, PersonId, StandingGrantId, TenantId } from '../ids.ts';
import type { DocumentSignature } from '../signature.ts';

/** What an owner signs: the agent may open tasks within it, unasked. The signature covers its canonical JSON. */
export type StandingGrantDocument = {
  /** Keeps a signature over this from ever being one over something else. */
  readonly type: 'ambit_standing_grant';
  readonly tenant: TenantId;
  readonly agent: AgentId;
  readonly owner: PersonId;
  readonly authority: Authority;
  readonly liveTasksMax: number;
  /** How long a task under it may live. */
  readonly taskSecondsMax: number;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
};

export type StandingGrant = {
  readonly id: StandingGrantId;
  readonly agent: AgentId;
  readonly owner: PersonId;
  readonly document: StandingGrantDocument;
  /** Of the canonical document: the same document is never taken twice, so a revoked one cannot come back. */
  readonly digest: string;
  readonly signature: DocumentSignature;
  readonly expiresAt: number;
  readonly state: 'active' | 'revoked';
  readonly signedAt: number;
};
