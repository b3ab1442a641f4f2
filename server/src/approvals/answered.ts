import type { AnswersDocument, EntryId } from '@ambit/protocol';
import { type Change, type EntryDraft, entry, type Fields, type PersonCaller } from '../foundation/index.ts';
import { type PersonKey, signerDetail } from '../identity/index.ts';
import type { Answer, AnswerDocument, Approval } from './approval.ts';
import { moveApproval } from './store.ts';

type Given = {
  /** The entry that tells of it. */
  readonly id: EntryId;
  readonly answer: Answer;
  readonly document: AnswerDocument | AnswersDocument;
  readonly key: PersonKey;
  readonly now: number;
  /** After the last yes that is needed: by when the call must have started. */
  readonly runSeconds: number;
  readonly detail?: Fields;
};

/** One question with one more answer, and what a unit holds of that. Somebody else may answer at once: then it is `state.changed`. */
export function answered(
  caller: PersonCaller,
  approval: Approval,
  { id, answer, document, key, now, runSeconds, detail = {} }: Given,
): { readonly approval: Approval; readonly change: Change; readonly entry: EntryDraft } {
  const set = outcomeOf(approval, [...approval.answers, answer], now, runSeconds);
  return {
    approval: { ...approval, ...set },
    change: moveApproval(approval, set, 'state.changed'),
    entry: entry({
      id,
      kind: 'approval.answered',
      who: { ...caller.who, agent: approval.agent, requester: approval.requester },
      task: approval.task,
      run: approval.run,
      about: approval.entry,
      action: approval.action,
      code: answer.answer,
      detail: {
        approval: approval.id,
        document,
        signature: answer.signature,
        key: signerDetail(key),
        state: set.state ?? approval.state,
        ...detail,
      },
    }),
  };
}

function outcomeOf(approval: Approval, answers: readonly Answer[], now: number, runSeconds: number): Partial<Approval> {
  const last = answers.at(-1);
  if (last?.answer === 'no') return { answers, state: 'refused', sealed: null };
  if (answers.length < approval.answersNeeded) return { answers };
  return { answers, state: 'approved', runBefore: now + runSeconds * 1000 };
}
