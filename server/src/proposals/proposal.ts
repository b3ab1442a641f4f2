import { hash } from 'node:crypto';
import { canonicalJson, type JsonValue, jsonDigest } from '@ambit/protocol';
import type { Proposal as ProposalTold } from '@ambit/protocol/wire';
import type { Lowering } from '../foundation/index.ts';

export type { ProposalAnswer } from '@ambit/protocol/wire';

/** As it is kept, with the body, sealed: it may hold a secret. What it would change is in `changes`, open. */
export type Proposal = ProposalTold & { readonly sealed: string };

export const proposalSeconds = 7 * 86_400;

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
