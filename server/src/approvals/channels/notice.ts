import {
  type AgentId,
  type ApprovalId,
  type EntryHeader,
  type PersonId,
  parseId,
  renderParts,
  type TaskId,
} from '@ambit/protocol';
import type { Fields } from '../../foundation/index.ts';
import type { Approval } from '../approval.ts';

export type NoticeType = 'approval.asked' | 'approval.answered' | 'approval.expired' | 'channel.test';

/** What a channel tells: ids, the sentence and the end of a question. No value of the call besides, and nothing secret. */
export type Notice = {
  readonly type: NoticeType;
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
  readonly approval: ApprovalId | null;
  readonly task: TaskId | null;
  readonly agent: AgentId | null;
  readonly requester: PersonId | null;
  readonly action: string | null;
  readonly sentence: string;
  readonly expiresAt: number | null;
  readonly answer: 'yes' | 'no' | null;
  readonly answeredBy: PersonId | null;
};

type Told = { readonly type: NoticeType; readonly approval: ApprovalId; readonly detail: Fields };

/** Whether an entry of that header may tell something: only then its detail is opened. */
export const mayTell = ({ kind, decision }: EntryHeader): boolean =>
  decision === 'ask' || kind === 'approval.answered' || kind === 'approval.expired';

/** INVARIANT (told from the log): nothing is told by hand, so what did not commit is not told. */
export function toldBy({ kind, decision }: EntryHeader, detail: Fields): Told | null {
  const approval = parseId('approval', detail.approval);
  if (approval === undefined) return null;
  if (kind === 'approval.answered' || kind === 'approval.expired') return { type: kind, approval, detail };
  // Who asks the same again asks nothing new.
  return decision === 'ask' && detail.again !== true ? { type: 'approval.asked', approval, detail } : null;
}

export function noticeOf({ type, detail }: Told, { at }: EntryHeader, approval: Approval): Notice {
  const { answer, person } = (detail.document ?? {}) as { answer?: unknown; person?: unknown };
  return {
    type,
    at,
    approval: approval.id,
    task: approval.task,
    agent: approval.agent,
    requester: approval.requester,
    action: approval.action,
    sentence: sentenceOf(approval),
    expiresAt: approval.expiresAt,
    answer: answer === 'yes' || answer === 'no' ? answer : null,
    answeredBy: parseId('person', person) ?? null,
  };
}

const sentenceMax = 1000;

/** The sentence as plain text. One that is too long outside of its card is not cut: it says where it can be read. */
function sentenceOf({ shown, action }: Approval): string {
  const text = renderParts(shown.parts ?? [{ text: shown.sentence }]);
  return text.length <= sentenceMax ? text : onTheCard(action);
}

export const onTheCard = (action: string): string =>
  `Call ${renderParts([{ text: action }])}. What it would do is on the card alone.`;

export const testNotice = (at: number): Notice => ({
  type: 'channel.test',
  at,
  approval: null,
  task: null,
  agent: null,
  requester: null,
  action: null,
  sentence: 'This is a test of the channel. Nobody asks for anything.',
  expiresAt: null,
  answer: null,
  answeredBy: null,
});
