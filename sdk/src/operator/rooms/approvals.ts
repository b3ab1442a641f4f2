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
import type {
  AnswerDocument,
  Approval,
  ApprovalRule,
  Became,
  Inbox,
  Remembered,
  RememberedShown,
} from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import type { Signer } from '../signer.ts';

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
