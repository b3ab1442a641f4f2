import { hash } from 'node:crypto';
import { type ApprovalId, jsonDigest } from '@ambit/protocol';
import type { Approval as ApprovalTold } from '@ambit/protocol/wire';

export type { AnswerDocument } from '@ambit/protocol/wire';

/** As it is kept. */
export type Approval = Omit<ApprovalTold, 'card'> & {
  /** Key that the parked call was proved with: only it may fetch the result. */
  readonly jkt: string;
  /** The parked call, sealed; base64url. Emptied when the question is over. */
  readonly sealed: string | null;
};

export type Answer = Approval['answers'][number];

/** The stored answer of the upstream, for the agent that waits; sealed, bounded, deleted with its task. */
export type ApprovalResult = {
  readonly approval: ApprovalId;
  readonly status: number;
  readonly contentType: string | null;
  readonly sealed: string;
  readonly truncated: number;
};

export const isOpen = (approval: Approval, now: number): boolean =>
  approval.state === 'parked' && now < approval.expiresAt;

type Signed = Pick<Approval, 'callDigest' | 'asks' | 'shown' | 'lookAgainDigest'>;

/** INVARIANT (once): the person signs over the exact call together with everything that was shown and asked. */
export function digestOfQuestion({ callDigest, asks, shown, lookAgainDigest }: Signed): string {
  return jsonDigest({ callDigest, asks, shown, lookAgainDigest }, (bytes) => hash('sha256', bytes, 'buffer'));
}
