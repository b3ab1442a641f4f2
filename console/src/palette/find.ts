/** Something that can be found: where it is, and the words by which people look for it. */
export type Findable = {
  readonly key: string;
  readonly group: Group;
  /** What it is called: somebody else's word, except for pages. */
  readonly name: string;
  /** What stands beside it, e.g. its id or whose it is. */
  readonly beside: string;
  readonly to: Way;
};

export const groups = ['Leads to', 'Pages', 'Agents', 'Tasks', 'Actions', 'People', 'Entries'] as const;
export type Group = (typeof groups)[number];

/** An address of the console, as its router takes it. */
export type Way = {
  readonly to: string;
  /** What is left out of them stays as it is on the page one comes from: a part that shall be missing is undefined. */
  readonly params?: Readonly<Record<string, string | undefined>>;
  readonly search?: Readonly<Record<string, string>>;
};

const groupMax = 6;

/** What every word of the text is in, the closest first, a few of each group. Before anything is written, the pages. */
export function find(all: readonly Findable[], text: string): readonly Findable[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all.filter(({ group }) => group === 'Pages');
  const ranked = all
    .map((one) => ({ one, rank: rankOf(one, words) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((one, other) => other.rank - one.rank)
    .map(({ one }) => one);
  return groups.flatMap((group) => ranked.filter((one) => one.group === group).slice(0, groupMax));
}

/** 0 where a word is missing; more where words begin the name, or one of its words. */
function rankOf({ name, beside }: Findable, words: readonly string[]): number {
  const called = name.toLowerCase();
  const whole = `${called} ${beside.toLowerCase()}`;
  let rank = 1;
  for (const word of words) {
    if (!whole.includes(word)) return 0;
    if (called.startsWith(word)) rank += 4;
    else if (called.split(/[^\p{L}\p{N}]+/u).some((one) => one.startsWith(word))) rank += 2;
    else if (called.includes(word)) rank += 1;
  }
  return rank;
}
