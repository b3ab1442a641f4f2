import type { Shown } from './approval-card.ts';
import type { Bounds } from './bounds.ts';

export type Widest = Bounds & {
  /** What one call moves at most. Its argument, where that says it in the currency itself; null where in parts of it. */
  readonly amount: { readonly argument: string | null; readonly each: string; readonly currency: string } | null;
};

/** How far a yes to this question may be remembered, said when it was asked and signed with it. */
export type Rememberable = { readonly widest: Widest } | { readonly never: NeverRemembered };

/** How many calls one yes can be remembered for. */
export const rememberedCallsMax = 20;

/** Why a yes is not remembered, each with its sentence. */
export const neverRemembered = {
  irreversible: 'What can’t be undone is asked about each time.',
  'each-time': 'The catalog says that this action is asked about each time.',
  closed: 'What its body chooses, or what answers with a credential, is asked about each time.',
  always: 'The task says that a person is asked each time.',
  unknown: 'The same call was sent before, and nobody knows how that ended: look each time.',
  elevated: 'It is beyond what the task was opened for, by an elevation: that is asked about each time.',
  elevation: 'More than a task gives is asked for each time.',
  provenance: 'A value in it came from outside: that is asked about each time.',
  values: 'It holds values that no bounds can be written for, such as a list.',
  'several-persons': 'More than one person has to agree, and they are asked each time.',
  old: 'This was asked before yeses could be remembered.',
} as const;
export type NeverRemembered = keyof typeof neverRemembered;

/** INVARIANT (remembered): read from what the signature of the question covers, and from how many have to answer it. */
export function rememberableOf(question: { readonly shown: Shown; readonly answersNeeded: number }): Rememberable {
  if (question.answersNeeded !== 1) return { never: 'several-persons' };
  return question.shown.remember ?? { never: 'old' };
}
