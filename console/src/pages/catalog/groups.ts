import type { ActionInShort } from '@ambit/sdk/operator';

export type GroupName = 'open' | 'irreversible' | 'compensable' | 'reversible' | 'read';

export type Group = { readonly name: GroupName; readonly actions: readonly ActionInShort[] };

/** In the order of what people look for: what nobody has spoken about first. */
const order: readonly GroupName[] = ['open', 'irreversible', 'compensable', 'reversible', 'read'];

export const filters = ['all', 'reads', 'writes', 'open'] as const;
export type Filter = (typeof filters)[number];

const passes: Readonly<Record<Filter, (action: ActionInShort) => boolean>> = {
  all: () => true,
  reads: (action) => groupOf(action) === 'read',
  writes: (action) => groupOf(action) !== 'read' && groupOf(action) !== 'open',
  open: (action) => groupOf(action) === 'open',
};

export const groupOf = ({ classifiedBy, effect, reversibility }: ActionInShort): GroupName => {
  if (classifiedBy === null) return 'open';
  return effect === 'read' ? 'read' : reversibility;
};

export const countOf = (actions: readonly ActionInShort[], filter: Filter): number =>
  actions.filter(passes[filter]).length;

/** What of these passes the filter and has the words that are looked for, in its groups. */
export function groupsOf(actions: readonly ActionInShort[], filter: Filter, wanted: string): readonly Group[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const has = ({ id, method, path, summary }: ActionInShort) => {
    const text = `${id} ${method} ${path} ${summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const shown = actions.filter((one) => passes[filter](one) && has(one));
  return order
    .map((name) => ({ name, actions: shown.filter((one) => groupOf(one) === name) }))
    .filter((group) => group.actions.length > 0);
}
