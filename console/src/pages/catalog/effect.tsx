import type { ActionInShort } from '@ambit/sdk/operator';
import { ArrowLeftRight, CircleDashed, Eye, type LucideIcon, TriangleAlert, Undo2 } from 'lucide-react';
import type { GroupName } from './groups.ts';

const icons: Readonly<Record<GroupName, LucideIcon>> = {
  open: CircleDashed,
  irreversible: TriangleAlert,
  compensable: ArrowLeftRight,
  reversible: Undo2,
  read: Eye,
};

export function EffectMark({ group }: { readonly group: GroupName }) {
  const Icon = icons[group];
  return <Icon aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />;
}

/** What a call to it does, in words: never less than what counts. */
export const sayEffect = ({ effect, reversibility }: Pick<ActionInShort, 'effect' | 'reversibility'>): string =>
  effect === 'read' ? 'Read' : `Write, ${reversibility}`;
