import {
  type AgentId,
  type Alike,
  type AnswersDocument,
  type ApprovalCard,
  type ApprovalId,
  type ApprovalState,
  type AskReason,
  approvalCard,
  type Bounds,
  type DocumentSignature,
  type EntryId,
  type ListedQuestion,
  neverTogether,
  type Part,
  type PersonId,
  type PersonKeyKind,
  type RefusalCode,
  type RememberedId,
  type Shown,
  type SignedQuestion,
  type TaskId,
  type TenantId,
  whyNotTogether,
} from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import type { Signer } from '../signer.ts';
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
  readonly callDigest: string;
  /** What an answer is signed over: the call and everything shown and asked. */
  readonly digest: string;
  readonly asks: readonly AskReason[];
  readonly shown: Shown;
  /** What the look-again read found, as a digest: the answer covers it, too. */
  readonly lookAgainDigest: string | null;
  /** The question as a person reads it, in parts: made here of what the digest covers, whatever came beside it. */
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
  readonly runBefore: number | null;
  readonly entry: EntryId;
  readonly ranAs: EntryId | null;
  /** The question that was asked anew, where what this one was about had moved. */
  readonly successor: ApprovalId | null;
};

/** What an approver signs. */
export type AnswerDocument = {
  readonly type: 'ambit_approval_answer';
  readonly tenant: TenantId;
  readonly approval: ApprovalId;
  readonly digest: string;
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly person: PersonId;
  readonly at: number;
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
  readonly bounds: Bounds;
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
  readonly role: Role | (string & {});
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

type Which = { readonly state?: Exclude<ApprovalState, 'claimed'> };
type Told = Omit<Approval, 'card'>;
type BecameTold = Extract<Became, { refused: object }> | { readonly id: ApprovalId; readonly approval: Told };
const withCard = (told: Told): Approval => ({ ...told, card: approvalCard(told) });

export type Approvals = ReturnType<typeof approvalsRoom>;

export function approvalsRoom({ json }: Ask, { sign, person, tenant, clock }: Signer) {
  return {
    /**
     * Those one may answer or asked for, all of them for an auditor; open ones (`parked`) unless said. Each comes whole, so that
     * it can be answered: where there may be many, `inbox` is a tenth of it.
     */
    async list(which: Which = {}): Promise<readonly Approval[]> {
      const { approvals } = await json<{ approvals: readonly Told[] }>('GET', `/v1/approvals${query(which)}`);
      return approvals.map(withCard);
    },
    /** The same in short, for a list: `show` reads one whole. */
    inbox: (which: Which = {}) => json<Inbox>('GET', `/v1/inbox${query(which)}`),
    show: async (approval: ApprovalId) => withCard(await json<Told>('GET', at('/v1/approvals/', approval))),
    /**
     * Answers once, by a signature over the digest of what was shown: give the very approval that the person saw. With
     * `remember` a yes stands for what lies within these bounds, which are signed with it (`boundsWithin` makes them).
     * Throws `AmbitRefusal`: `approval.over` where it is answered or expired, `approval.not_yours`,
     * `approval.not_rememberable`, `approval.bounds_too_wide`.
     */
    async answer(
      seen: Pick<Approval, 'id' | 'digest'>,
      answer: 'yes' | 'no',
      reason: string | null = null,
      remember?: Bounds,
    ): Promise<Approval> {
      const bounds = remember === undefined ? {} : { remember };
      const document: AnswerDocument = {
        type: 'ambit_approval_answer',
        tenant: await tenant(),
        approval: seen.id,
        digest: seen.digest,
        answer,
        reason,
        person,
        at: clock(),
        ...bounds,
      };
      const signature = await sign(document);
      const answered = { answer, reason, at: document.at, signature, ...bounds };
      return withCard(await json<Told>('POST', at('/v1/approvals/', seen.id, '/answer'), answered));
    },
    /**
     * Answers several questions of one task that ask for the same action, by one signature over the list of their digests:
     * give the very approvals that the person saw, in the order in which they saw them. Tells of each what became of it. No
     * such yes is remembered. Throws `RangeError` where they are not answered together (`whyNotTogether`), `AmbitRefusal`
     * where none of them was answered.
     */
    async answerAll(
      seen: readonly Pick<Approval, 'id' | 'digest' | 'task' | 'action'>[],
      answer: 'yes' | 'no',
      reason: string | null = null,
    ): Promise<readonly Became[]> {
      const never = whyNotTogether(seen);
      const [first] = seen;
      if (first === undefined || never !== null) throw new RangeError(neverTogether[never ?? 'none']);
      const document: AnswersDocument = {
        type: 'ambit_approval_answers',
        tenant: await tenant(),
        task: first.task,
        action: first.action,
        approvals: seen.map(({ id, digest }) => ({ approval: id, digest })),
        answer,
        reason,
        person,
        at: clock(),
      };
      const signature = await sign(document);
      const approvals = seen.map(({ id }) => id);
      const { became } = await json<{ became: readonly BecameTold[] }>('POST', '/v1/approvals/answers', {
        ...{ approvals, answer, reason, at: document.at, signature },
      });
      return became.map((one) => ('approval' in one ? { ...one, approval: withCard(one.approval) } : one));
    },
    /** Yeses that are remembered for the run of that task; without one, all that stand and are one’s own. */
    remembered: (which: { readonly task?: TaskId } = {}) =>
      json<{ readonly now: number; readonly remembered: readonly RememberedShown[] }>(
        'GET',
        `/v1/remembered-yeses${query(which)}`,
      ),
    /** For who said it, who asked for the task, the owner of the agent, an approver or an administrator. */
    endRemembered: (remembered: RememberedId, reason: string) =>
      json<Remembered>('POST', at('/v1/remembered-yeses/', remembered, '/end'), { reason }),
    rules: async () => (await json<{ rules: readonly ApprovalRule[] }>('GET', '/v1/approval-rules')).rules,
    /** For the role `policy`. */
    setRule: (rule: ApprovalRule) => json<ApprovalRule>('POST', '/v1/approval-rules', rule),
  };
}
