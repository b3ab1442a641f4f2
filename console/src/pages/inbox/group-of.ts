import {
  type Alike,
  answeredTogetherMax,
  type Inbox,
  type ListedQuestion,
  type Me,
  neverTogether,
  whyNotTogether,
} from '@ambit/sdk/operator';
import { mayAnswer } from '../../plane/may-answer.ts';
import { isOpen, soonestFirst } from './question.ts';

/** Questions alike to one that this person may answer: those that one signature answers with it, or why there are none. */
export type Group = {
  readonly alike: Alike;
  /** How many of them wait for this person, in whatever task. */
  readonly waiting: number;
  /** In the order in which they are shown and signed: those that differ first. */
  readonly members: readonly ListedQuestion[];
  readonly never: string | null;
};

/** Null where nothing that waits for this person is like it. */
export function groupOf(
  { questions, alike: all }: Inbox,
  { id, task }: Pick<ListedQuestion, 'id' | 'task'>,
  me: Me,
  now: number,
): Group | null {
  const alike = all.find((group) => group.approvals.includes(id));
  if (alike === undefined) return null;
  const among = new Set(alike.approvals);
  const mine = questions.filter((one) => among.has(one.id) && isOpen(one, now) && mayAnswer(one, me));
  if (mine.length < 2 || !mine.some((one) => one.id === id)) return null;
  const ofTask = mine.filter((one) => one.task === task).toSorted(soonestFirst);
  const odd = new Set(alike.differing.map(({ approval }) => approval));
  // As many as one signature is over; whoever looks at one answers it, too.
  const [own, others] = [ofTask.filter((one) => one.id === id), ofTask.filter((one) => one.id !== id)];
  const members = [...own, ...others]
    .slice(0, answeredTogetherMax)
    .toSorted((one, other) => Number(odd.has(other.id)) - Number(odd.has(one.id)) || soonestFirst(one, other));
  const why = whyNotTogether(members.length === 1 ? mine.slice(0, answeredTogetherMax) : members);
  return { alike, waiting: mine.length, members, never: why === null ? null : neverTogether[why] };
}
