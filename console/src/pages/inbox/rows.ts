import type { ApprovalId } from '@ambit/protocol';
import type { Alike, Approval, ApprovalList, Me } from '@ambit/sdk/operator';
import { mayAnswer } from '../../plane/may-answer.ts';
import { soonestFirst } from './question.ts';

export const tabs = ['mine', 'all', 'answered'] as const;
export type Tab = (typeof tabs)[number];

/** What the list shows, one below the other. */
export type Row =
  | { readonly is: 'question'; readonly approval: Approval; readonly alike: Alike | null; readonly isFolded: boolean }
  | { readonly is: 'group'; readonly alike: Alike }
  | { readonly is: 'heading'; readonly says: string };

/** Questions that are alike stand together, folded to one row until one of them is open. */
export function rowsOf(
  { approvals, alike }: ApprovalList,
  tab: Tab,
  me: Me,
  selected: ApprovalId | null,
): readonly Row[] {
  if (tab === 'answered') return approvals.map((approval) => single(approval));
  const sorted = approvals.toSorted(soonestFirst);
  if (tab === 'all') return grouped(sorted, alike, selected);
  const mine = sorted.filter((one) => mayAnswer(one, me));
  const others = sorted.filter((one) => !mayAnswer(one, me));
  return [
    ...grouped(mine, alike, selected),
    ...(others.length === 0 ? [] : [{ is: 'heading', says: 'Waiting for someone else' } as const]),
    ...others.map((approval) => single(approval)),
  ];
}

const single = (approval: Approval): Row => ({ is: 'question', approval, alike: null, isFolded: false });

function grouped(approvals: readonly Approval[], alike: readonly Alike[], selected: ApprovalId | null): readonly Row[] {
  const byId = new Map(approvals.map((one) => [one.id, one]));
  const groups = new Map(alike.flatMap((group) => group.approvals.map((id) => [id, group] as const)));
  const done = new Set<string>();
  return approvals.flatMap((approval): readonly Row[] => {
    const group = groups.get(approval.id);
    if (group === undefined || group.approvals.length === 1) return [single(approval)];
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
      return [{ is: 'question', approval: first, alike: group, isFolded: true }];
    return [
      { is: 'group', alike: group },
      ...members.map((one): Row => ({ is: 'question', approval: one, alike: group, isFolded: false })),
    ];
  });
}
