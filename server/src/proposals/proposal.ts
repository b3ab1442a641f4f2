import { hash } from 'node:crypto';
import {
  canonicalJson,
  type EntryId,
  type JsonValue,
  jsonDigest,
  type PersonId,
  type ProposalId,
} from '@ambit/protocol';
import type { Lowering, Route } from '../foundation/index.ts';
import type { DocumentSignature } from '../identity/index.ts';

/** A change that lowers a gate, and waits for a second person. `open → done`, or `refused`, `failed`. */
export type Proposal = {
  readonly id: ProposalId;
  readonly method: Route['method'];
  /** The route's own path, e.g. `/v1/persons/:person/roles`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** The body, sealed: it may hold a secret. What it would change is in `changes`, open. */
  readonly sealed: string;
  /** What whoever asked may do here, and whoever confirms. */
  readonly role: string;
  readonly says: string;
  readonly changes: unknown;
  /** Who gains by it and is no second person; null where nobody does. */
  readonly gains: PersonId | null;
  /** What the second person signs: the request, byte for byte, with everything that it would change. */
  readonly digest: string;
  readonly proposedBy: PersonId;
  readonly proposedAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly state: 'open' | 'done' | 'refused' | 'failed';
  readonly answeredBy: PersonId | null;
  readonly signature: DocumentSignature | null;
  readonly entry: EntryId;
};

export const proposalSeconds = 7 * 86_400;

/** What the second person signs. The type keeps it from passing for a signature over anything else. */
export type ProposalAnswer = {
  readonly type: 'ambit_proposal_answer';
  readonly tenant: string;
  readonly proposal: ProposalId;
  readonly digest: string;
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly person: PersonId;
  /** Epoch milliseconds. */
  readonly at: number;
};

type Asked = Pick<Proposal, 'method' | 'path' | 'params' | 'proposedBy'> & { readonly body: unknown };

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'buffer');

/** INVARIANT (two persons): what is done is what was signed, and it changes what it was shown to change. */
export function digestOf({ body, ...asked }: Asked, { says, changes }: Pick<Lowering, 'says' | 'changes'>): string {
  const bodyDigest = jsonDigest(body ?? null, sha256);
  return jsonDigest({ ...asked, bodyDigest, says, changes: plain(changes) }, sha256);
}

/** What JSON keeps of it. */
export const plain = (value: unknown): JsonValue =>
  JSON.parse(canonicalJson((value ?? null) as JsonValue)) as JsonValue;
