import { hash } from 'node:crypto';
import {
  type AgentId,
  type ApprovalId,
  type ApprovalState,
  type AskReason,
  type Bounds,
  type EntryId,
  jsonDigest,
  type PersonId,
  type PersonKeyKind,
  type Shown,
  type SignedQuestion,
  type TaskId,
} from '@ambit/protocol';
import type { DocumentSignature } from '../identity/index.ts';

/** A question to a person about one exact call. */
export type Approval = {
  readonly id: ApprovalId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly owner: PersonId;
  readonly requester: PersonId | null;
  /** Key that the parked call was proved with: only it may fetch the result. */
  readonly jkt: string;
  readonly action: string;
  /** The call's digest: tenant, task, agent, method, origin, path, query, body, headers, credential, catalog version. */
  readonly callDigest: string;
  /** What the person signs: the call's digest together with everything shown and asked. */
  readonly digest: string;
  readonly asks: readonly AskReason[];
  readonly shown: Shown;
  /** The parked call, sealed; base64url. Emptied when the question is over. */
  readonly sealed: string | null;
  /** Digest of what the look-again read found, for the comparison before the run. */
  readonly lookAgainDigest: string | null;
  readonly answersNeeded: number;
  readonly role: string;
  readonly notRequester: boolean;
  readonly notOwner: boolean;
  /** Kinds of keys that an answer may be signed with; null where every one is good. */
  readonly keys: readonly PersonKeyKind[] | null;
  readonly answers: readonly Answer[];
  readonly state: ApprovalState;
  readonly askedAt: number;
  readonly expiresAt: number;
  /** After a yes: when the call must have started. */
  readonly runBefore: number | null;
  /** The entry that recorded the question. */
  readonly entry: EntryId;
  /** The entry of the decision that ran it. */
  readonly ranAs: EntryId | null;
  /** The question that was asked anew, where what this one was about had moved. */
  readonly successor: ApprovalId | null;
};

export type Answer = {
  readonly person: PersonId;
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly signature: DocumentSignature;
  readonly at: number;
  /** Where the yes is to be remembered: for what. Absent where it is for this one call. */
  readonly remember?: Bounds;
  /** Where one signature answered several questions: all of them, as signed, this one among them. */
  readonly together?: readonly SignedQuestion[];
};

/** What an approver signs. The type keeps it from passing for a signature over anything else. */
export type AnswerDocument = {
  readonly type: 'ambit_approval_answer';
  readonly tenant: string;
  readonly approval: ApprovalId;
  readonly digest: string;
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly person: PersonId;
  /** Epoch milliseconds. */
  readonly at: number;
  /** INVARIANT (remembered): the bounds lie under the signature; a document without them is a yes to one call. */
  readonly remember?: Bounds;
};

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
