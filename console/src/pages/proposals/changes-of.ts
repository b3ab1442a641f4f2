/** What a proposal would change, for reading: what is beside what would be, and what else belongs to it. */
export type ChangeRow =
  | { readonly is: 'compared'; readonly name: string; readonly now: unknown; readonly next: unknown }
  | { readonly is: 'said'; readonly name: string; readonly value: unknown };

type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pairs = [
  ['before', 'after'],
  ['from', 'to'],
] as const;

/** The members of what is and would be, side by side where they differ; everything else as it is said. Nothing is left out but what stays. */
export function changesOf(changes: unknown): readonly ChangeRow[] {
  if (!isFields(changes)) return [{ is: 'said', name: 'change', value: changes }];
  const pair = pairs.find(([now, next]) => now in changes || next in changes);
  const compared = pair === undefined ? [] : comparedIn('value', changes[pair[0]], changes[pair[1]]);
  const others = Object.entries(changes).filter(
    ([name]) => pair === undefined || !(pair as readonly string[]).includes(name),
  );
  return [...others.flatMap(([name, value]) => saidOf(name, value)), ...compared].toSorted(byWeight);
}

function saidOf(name: string, value: unknown): readonly ChangeRow[] {
  const pair = isFields(value) ? pairs.find(([now, next]) => now in value && next in value) : undefined;
  if (!isFields(value) || pair === undefined || Object.keys(value).length !== 2) return [{ is: 'said', name, value }];
  return comparedIn(name, value[pair[0]], value[pair[1]]);
}

function comparedIn(name: string, now: unknown, next: unknown): readonly ChangeRow[] {
  if (!isFields(next) || !(isFields(now) || now === null || now === undefined))
    return [{ is: 'compared', name, now: now ?? null, next: next ?? null }];
  const before: Fields = now ?? {};
  return [...new Set([...Object.keys(before), ...Object.keys(next)])].flatMap((each): ChangeRow[] => {
    const [from, to] = [before[each] ?? null, next[each] ?? null];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ is: 'compared', name: each, now: from, next: to }];
  });
}

/** What it is about, what changes, and then what stands around it. */
const weight = (row: ChangeRow): number => {
  if (row.is === 'compared') return 1;
  return typeof row.value === 'object' && row.value !== null ? 2 : 0;
};
const byWeight = (one: ChangeRow, other: ChangeRow): number => weight(one) - weight(other);

const words: Readonly<Record<string, string>> = {
  delegable: 'May hand to agents',
  opens: 'What opens them now',
  keys: 'Keys',
  codes: 'Open one-time codes',
  accounts: 'Accounts at providers',
  email: 'Address',
  twoPersons: 'Two persons are wanted',
  whenShared: 'Where a credential is in two places at once',
  of: 'Of',
  asked: 'What was asked for',
  lowered: 'Gates that would stand lower',
  released: 'Actions that would be released',
  removed: 'Goes',
  text: 'The whole text',
  jwksUrl: 'Address of the keys',
};

/** `issuedBy` is `Issued by`. */
export function sayName(name: string): string {
  const said = words[name] ?? name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  return `${said.slice(0, 1).toUpperCase()}${said.slice(1)}`;
}
