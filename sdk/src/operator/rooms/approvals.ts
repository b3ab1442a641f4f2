import type { AgentId, ApprovalId, EntryId, PersonId, TaskId, TenantId } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import { type DocumentSignature, signDocument } from '../sign-document.ts';
import type { Signer } from '../signer.ts';
import type { Role } from './persons.ts';

export type ApprovalState =
  | 'parked'
  | 'approved'
  | 'claimed'
  | 'done'
  | 'unknown'
  | 'refused'
  | 'denied'
  | 'expired'
  | 'moved'
  | 'ended';

/** What the person sees before answering. Text from agents and upstreams is marked by its source. */
export type ApprovalCard = {
  readonly sentence: string;
  readonly action: string;
  readonly method: string;
  readonly url: string;
  readonly values: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly source: 'call' | 'catalog' | 'task' | 'upstream' | 'agent';
  }[];
  readonly reversibility: string;
  readonly amount: { readonly amount: string; readonly currency: string } | null;
  readonly left: readonly string[];
  readonly requester: string;
  readonly agent: string;
  readonly purpose: string;
  /** The agent’s own words. They prove nothing. */
  readonly claim: string | null;
  readonly lookedAgain: { readonly action: string; readonly status: number; readonly text: string } | null;
};

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
  readonly asks: readonly { readonly ask: string; readonly reason: string }[];
  readonly shown: ApprovalCard;
  readonly answersNeeded: number;
  readonly role: string;
  readonly notRequester: boolean;
  readonly notOwner: boolean;
  readonly answers: readonly {
    readonly person: PersonId;
    readonly answer: 'yes' | 'no';
    readonly reason: string | null;
    readonly signature: DocumentSignature;
    readonly at: number;
  }[];
  readonly state: ApprovalState;
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly runBefore: number | null;
  readonly entry: EntryId;
  readonly ranAs: EntryId | null;
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
};

/** Who may answer questions about an action (`shop:refunds.create`, `shop:*`, `*`), how many, by when. */
export type ApprovalRule = {
  readonly action: string;
  readonly role: Role | (string & {});
  readonly answersNeeded: number;
  readonly notRequester: boolean;
  readonly notOwner: boolean;
  readonly ttlSeconds: number;
};

export type Approvals = ReturnType<typeof approvalsRoom>;

export function approvalsRoom({ json }: Ask, { key, person, tenant, clock }: Signer) {
  return {
    /** Those one may answer or asked for, all of them for an auditor; open ones (`parked`) unless said. */
    list: async (which: { readonly state?: Exclude<ApprovalState, 'claimed' | 'denied' | 'moved'> } = {}) =>
      (await json<{ approvals: readonly Approval[] }>('GET', `/v1/approvals${query(which)}`)).approvals,
    show: (approval: ApprovalId) => json<Approval>('GET', at('/v1/approvals/', approval)),
    /**
     * Answers once, by a signature over the digest of what was shown: give the very approval that the person saw.
     * Throws `AmbitRefusal`: `approval.over` where it is answered or expired, `approval.not_yours`.
     */
    async answer(
      seen: Pick<Approval, 'id' | 'digest'>,
      answer: 'yes' | 'no',
      reason: string | null = null,
    ): Promise<Approval> {
      const document: AnswerDocument = {
        type: 'ambit_approval_answer',
        tenant: await tenant(),
        approval: seen.id,
        digest: seen.digest,
        answer,
        reason,
        person,
        at: clock(),
      };
      const signature = await signDocument(key, document);
      return json('POST', at('/v1/approvals/', seen.id, '/answer'), { answer, reason, at: document.at, signature });
    },
    rules: async () => (await json<{ rules: readonly ApprovalRule[] }>('GET', '/v1/approval-rules')).rules,
    /** For the role `policy`. */
    setRule: (rule: ApprovalRule) => json<ApprovalRule>('POST', '/v1/approval-rules', rule),
  };
}
