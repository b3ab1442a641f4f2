import type { ApprovalId } from '@ambit/protocol';
import type { Alike, Inbox, ListedQuestion, Me } from '@ambit/sdk/operator';
import { mayAnswer } from '../../plane/may-answer.ts';
import { soonestFirst } from './question.ts';

export const tabs = ['mine', 'all', 'answered'] as const;
export type Tab = (typeof tabs)[number];

/** What the list shows, one below the other. */
export type Row =
  | {
      readonly is: 'question';
      readonly question: ListedQuestion;
      readonly alike: Alike | null;
      readonly isFolded: boolean;
    }
  | { readonly is: 'group'; readonly alike: Alike }
  | { readonly is: 'heading'; readonly says: string };

/** Questions that are alike stand together, folded to one row until one of them is open. */
export function rowsOf({ questions, alike }: Inbox, tab: Tab, me: Me, selected: ApprovalId | null): readonly Row[] {
  if (tab === 'answered') return questions.map(single);
  const sorted = questions.toSorted(soonestFirst);
  if (tab === 'all') return grouped(sorted, alike, selected);
  const mine = sorted.filter((one) => mayAnswer(one, me));
  const others = sorted.filter((one) => !mayAnswer(one, me));
  return [
    ...grouped(mine, alike, selected),
    ...(others.length === 0 ? [] : [{ is: 'heading', says: 'Waiting for someone else' } as const]),
    ...others.map(single),
  ];
}

const single = (question: ListedQuestion): Row => ({ is: 'question', question, alike: null, isFolded: false });

function grouped(
  questions: readonly ListedQuestion[],
  alike: readonly Alike[],
  selected: ApprovalId | null,
): readonly Row[] {
  const byId = new Map(questions.map((one) => [one.id, one]));
  const groups = new Map(alike.flatMap((group) => group.approvals.map((id) => [id, group] as const)));
  const done = new Set<string>();
  return questions.flatMap((question): readonly Row[] => {
    const group = groups.get(question.id);
    if (group === undefined) return [single(question)];
    if (done.has(group.key)) return [];
    done.add(group.key);
    // Those that differ come first: they are why one looks.
    const odd = new Set(group.differing.map((one) => one.approval));
    const members = group.approvals
      .flatMap((id) => byId.get(id) ?? [])
      .toSorted((one, other) => Number(odd.has(other.id)) - Number(odd.has(one.id)) || soonestFirst(one, other));
    const [first] = members;
    if (first === undefined) return [];
    if (members.every(({ id }) => id !== selected))
      return [{ is: 'question', question: first, alike: group, isFolded: true }];
    return [
      { is: 'group', alike: group },
      ...members.map((one): Row => ({ is: 'question', question: one, alike: group, isFolded: false })),
    ];
  });
}
