import {
  type AnswersDocument,
  type ApprovalId,
  type ApprovalState,
  approvalCard,
  type Bounds,
  neverTogether,
  type RememberedId,
  type TaskId,
  whyNotTogether,
} from '@ambit/protocol';
import type { AnswerDocument, Approval, ApprovalRule, Became } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';
import type { Signer } from '../signer.ts';

type Which = { readonly state?: Exclude<ApprovalState, 'claimed'> };
// Made here anew: what the person signs is what the digest covers, whatever card came beside it.
const withCard = (told: Approval): Approval => ({ ...told, card: approvalCard(told) });

export type Approvals = ReturnType<typeof approvalsRoom>;

export function approvalsRoom({ json }: Ask, { sign, person, tenant, clock }: Signer) {
  return {
    /**
     * Those one may answer or asked for, all of them for an auditor; open ones (`parked`) unless said. Each comes whole, so that
     * it can be answered: where there may be many, `inbox` is a tenth of it.
     */
    async list(which: Which = {}): Promise<readonly Approval[]> {
      const { approvals } = await json('GET /v1/approvals', { query: which });
      return approvals.map(withCard);
    },
    /** The same in short, for a list: `show` reads one whole. */
    inbox: (which: Which = {}) => json('GET /v1/inbox', { query: which }),
    show: async (approval: ApprovalId) => withCard(await json('GET /v1/approvals/:approval', { at: { approval } })),
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
      return withCard(await json('POST /v1/approvals/:approval/answer', { at: { approval: seen.id }, body: answered }));
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
      const { became } = await json('POST /v1/approvals/answers', {
        body: {
          ...{ approvals, answer, reason, at: document.at, signature },
        },
      });
      return became.map((one) => ('approval' in one ? { ...one, approval: withCard(one.approval) } : one));
    },
    /** Yeses that are remembered for the run of that task; without one, all that stand and are one’s own. */
    remembered: (which: { readonly task?: TaskId } = {}) => json('GET /v1/remembered-yeses', { query: which }),
    /** For who said it, who asked for the task, the owner of the agent, an approver or an administrator. */
    endRemembered: (remembered: RememberedId, reason: string) =>
      json('POST /v1/remembered-yeses/:remembered/end', { at: { remembered }, body: { reason } }),
    rules: async () => (await json('GET /v1/approval-rules')).rules,
    /** For the role `policy`. */
    setRule: (rule: ApprovalRule) => json('POST /v1/approval-rules', { body: rule }),
  };
}
