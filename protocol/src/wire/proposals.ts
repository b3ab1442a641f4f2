import type { EntryId, PersonId, ProposalId, TenantId } from '../ids.ts';
import type { DocumentSignature } from '../signature.ts';
import type { Role } from './persons.ts';

/**
 * A change that lowers a gate, and waits for a second person: `open → done`, or `refused`, `failed`. Times are epoch
 * milliseconds.
 */
export type Proposal = {
  readonly id: ProposalId;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The route's own path, e.g. `/v1/persons/:person/roles`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** What whoever asked may do here, and whoever confirms. */
  readonly role: Role;
  readonly says: string;
  /** What is, and what would be. */
  readonly changes: unknown;
  /** Who gains by it and is no second person; null where nobody does. */
  readonly gains: PersonId | null;
  /** What the second person signs: the request, byte for byte, with everything that it would change. */
  readonly digest: string;
  readonly proposedBy: PersonId;
  readonly proposedAt: number;
  readonly expiresAt: number;
  readonly state: 'open' | 'done' | 'refused' | 'failed';
  readonly answeredBy: PersonId | null;
  readonly signature: DocumentSignature | null;
  readonly entry: EntryId;
};

/** What the second person signs. The type keeps it from passing for a signature over anything else. */
export type ProposalAnswer = {
  readonly type: 'ambit_proposal_answer';
  readonly tenant: TenantId;
  readonly proposal: ProposalId;
  readonly digest: string;
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly person: PersonId;
  readonly at: number;
};
