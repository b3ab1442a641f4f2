import type { ApprovalId, PersonId, TaskId, TenantId } from './ids.ts';

/** One question among those that one signature answers: its id, and the digest of what was shown and asked. */
export type SignedQuestion = { readonly approval: ApprovalId; readonly digest: string };

/**
 * What an approver signs who answers several questions of one task at once. The list is in the order in which it was
 * shown. The type keeps it from passing for the answer to one question, and that from passing for it.
 */
export type AnswersDocument = {
  readonly type: 'ambit_approval_answers';
  readonly tenant: TenantId;
  readonly task: TaskId;
  readonly action: string;
  readonly approvals: readonly SignedQuestion[];
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly person: PersonId;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** As many as a person can be expected to read before one signature. */
export const answeredTogetherMax = 50;

/** Why questions are not answered together, each with its sentence. */
export const neverTogether = {
  none: 'There is no question in the list.',
  many: `At most ${answeredTogetherMax} questions are answered together: answer them in parts.`,
  twice: 'The same question is in the list twice.',
  tasks: 'They are of different tasks: answer those of one task at a time.',
  actions: 'They ask for different actions: answer those that ask for the same.',
  elevation: 'More than a task gives is answered one question at a time.',
} as const;
export type NeverTogether = keyof typeof neverTogether;

/** Null where they may be answered together, as far as the questions themselves say. */
export function whyNotTogether(
  questions: readonly { readonly id: ApprovalId; readonly task: TaskId; readonly action: string }[],
): NeverTogether | null {
  const [first] = questions;
  if (first === undefined) return 'none';
  if (questions.length > answeredTogetherMax) return 'many';
  if (new Set(questions.map(({ id }) => id)).size !== questions.length) return 'twice';
  if (questions.some(({ task }) => task !== first.task)) return 'tasks';
  if (questions.some(({ action }) => action !== first.action)) return 'actions';
  // No API has that name: what begins with it is no call of one.
  return first.action.startsWith('ambit:') ? 'elevation' : null;
}
