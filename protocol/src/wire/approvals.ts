import type { SignedQuestion } from '../answered-together.ts';
import type { AgentId, ApprovalId, EntryId, PersonId, RememberedId, TaskId, TenantId } from '../ids.ts';
import type { RefusalCode } from '../refusals/index.ts';
import type { Alike } from '../said/alike.ts';
import type { ApprovalCard, AskReason, Shown } from '../said/approval-card.ts';
import type { Bounds } from '../said/bounds.ts';
import type { ApprovalState, ListedQuestion } from '../said/listed-question.ts';
import type { Part } from '../said/parts.ts';
import type { DocumentSignature, PersonKeyKind } from '../signature.ts';
import type { Role } from './persons.ts';

/** A question to a person about one exact call. Times are epoch milliseconds. */
export type Approval = {
  readonly id: ApprovalId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly owner: PersonId;
  readonly requester: PersonId | null;
  readonly action: string;
  /** The call's digest: tenant, task, agent, method, origin, path, query, body, headers, credential, catalog version. */
  readonly callDigest: string;
  /** What the person signs: the call's digest together with everything shown and asked. */
  readonly digest: string;
  readonly asks: readonly AskReason[];
  readonly shown: Shown;
  /** What the look-again read found, as a digest: the answer covers it, too. */
  readonly lookAgainDigest: string | null;
  /** The question as a person reads it, in parts: made of what the digest covers, by the SDK anew whatever came beside it. */
  readonly card: ApprovalCard;
  readonly answersNeeded: number;
  readonly role: string;
  readonly notRequester: boolean;
  readonly notOwner: boolean;
  /** Kinds of keys that an answer may be signed with; null where every one is good. */
  readonly keys: readonly PersonKeyKind[] | null;
  readonly answers: readonly {
    readonly person: PersonId;
    readonly answer: 'yes' | 'no';
    readonly reason: string | null;
    readonly signature: DocumentSignature;
    readonly at: number;
    /** Within which bounds the yes is remembered; absent where it is for this one call. */
    readonly remember?: Bounds;
    /** All that the signature answered, in the order of the list; absent where it was for this question alone. */
    readonly together?: readonly SignedQuestion[];
  }[];
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

/** What an approver signs. The type keeps it from passing for a signature over anything else. */
export type AnswerDocument = {
  readonly type: 'ambit_approval_answer';
  readonly tenant: TenantId;
  readonly approval: ApprovalId;
  readonly digest: string;
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly person: PersonId;
  readonly at: number;
  /** INVARIANT (remembered): the bounds lie under the signature; a document without them is a yes to one call. */
  readonly remember?: Bounds;
};

/** What became of one question among several: it with the answer in it, or why it was not answered. */
export type Became =
  | { readonly id: ApprovalId; readonly approval: Approval }
  | {
      readonly id: ApprovalId;
      readonly refused: { readonly code: RefusalCode; readonly title: string; readonly says: string };
    };

/**
 * A yes that stands for equal or smaller calls of its task, within the bounds that were signed: these go on without
 * anybody being asked, each by a decision of its own. Times are epoch milliseconds.
 */
export type Remembered = {
  readonly id: RememberedId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly action: string;
  readonly approval: ApprovalId;
  /** The entry of the answer, with the signature. */
  readonly answered: EntryId;
  readonly person: PersonId;
  /** Exactly as signed. */
  readonly bounds: Bounds;
  /** `expired` by itself, `ended` by a person or with its task. */
  readonly state: 'standing' | 'expired' | 'ended';
  readonly rememberedAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | null;
};

/** The same as people read it: what was said yes to, by whom, and what is left of each limit. */
export type RememberedShown = Remembered & {
  readonly personName: string | null;
  readonly sentence: readonly Part[];
  readonly amount: { readonly argument: string | null; readonly each: string; readonly currency: string } | null;
  readonly left: readonly {
    /** A currency, or `calls`. */
    readonly unit: string;
    readonly spent: string;
    readonly max: string;
    /** Null where nothing is left. */
    readonly left: string | null;
  }[];
};

/** Who may answer questions about an action (`shop:refunds.create`, `shop:*`, `*`), how many, by when. */
export type ApprovalRule = {
  readonly action: string;
  readonly role: Exclude<Role, 'administrator'>;
  readonly answersNeeded: number;
  readonly notRequester: boolean;
  readonly notOwner: boolean;
  readonly ttlSeconds: number;
  /** Kinds of keys that suffice: `passkey` alone wants proof of presence. Every kind unless said. */
  readonly keys?: readonly PersonKeyKind[] | null;
};

/** Questions in short, and which of them are alike. `now` is the time of the plane, for countdowns. */
export type Inbox = {
  readonly now: number;
  readonly questions: readonly ListedQuestion[];
  /** Of those that are like at least one other. */
  readonly alike: readonly Alike[];
};
