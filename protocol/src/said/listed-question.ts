import type { AgentId, ApprovalId, PersonId, TaskId } from '../ids.ts';
import type { PersonKeyKind } from '../signature.ts';
import { type QuestionShown, sentenceOf } from './approval-card.ts';
import type { Part } from './parts.ts';

/**
 * `parked → approved → claimed → done | unknown`, or `refused`, `denied`, `expired`, `moved` (what it was about changed, and a
 * new question was asked), `ended` (its task ended first).
 */
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

/**
 * A question as a list has it: enough to find it and to tell whose it is, never enough to answer it. Whoever answers reads
 * its card, which is made of what the signature covers. Times are epoch milliseconds.
 */
export type ListedQuestion = {
  readonly id: ApprovalId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly agentName: string;
  readonly owner: PersonId;
  readonly requester: PersonId | null;
  readonly requesterName: string;
  readonly action: string;
  readonly digest: string;
  /** What would happen, as the first line of the card says it. */
  readonly sentence: readonly Part[];
  readonly role: string;
  readonly notRequester: boolean;
  readonly notOwner: boolean;
  /** Kinds of keys that an answer may be signed with; null where every one is good. */
  readonly keys: readonly PersonKeyKind[] | null;
  readonly answers: readonly { readonly person: PersonId; readonly answer: 'yes' | 'no'; readonly at: number }[];
  readonly state: ApprovalState;
  readonly askedAt: number;
  readonly expiresAt: number;
};

type Question = QuestionShown & Omit<ListedQuestion, 'agentName' | 'requesterName' | 'sentence'>;

/** Takes from a question what its list needs: a tenth of it. */
export const listedQuestion = ({ shown, answers, ...one }: Question): ListedQuestion => ({
  id: one.id,
  task: one.task,
  run: one.run,
  agent: one.agent,
  agentName: shown.agent,
  owner: one.owner,
  requester: one.requester,
  requesterName: shown.requester,
  action: one.action,
  digest: one.digest,
  sentence: sentenceOf(shown),
  role: one.role,
  notRequester: one.notRequester,
  notOwner: one.notOwner,
  keys: one.keys,
  answers: answers.map(({ person, answer, at }) => ({ person, answer, at })),
  state: one.state,
  askedAt: one.askedAt,
  expiresAt: one.expiresAt,
});
