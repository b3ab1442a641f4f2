import type { ActionInShort } from '@ambit/protocol/wire';
import type { ActionRecord, Field } from './action.ts';
import { effective } from './classify.ts';

export type ClassifiedBy = NonNullable<ActionInShort['classifiedBy']>;

const told = ['effect', 'reversibility', 'reach'] as const satisfies readonly Field[];

/** The newest word of a person, else the description's where it raised something; null where the plane only guesses. */
export function classifiedBy(record: ActionRecord): ClassifiedBy | null {
  const { sources } = effective(record);
  const rulings = told
    .filter((field) => sources[field] === 'person' || sources[field] === 'overlay')
    .flatMap((field) => record.rulings[field] ?? [])
    .sort((a, b) => b.at - a.at);
  const [newest] = rulings;
  if (newest !== undefined) return { source: newest.source, by: newest.by };
  if (record.confirmed !== null) return { source: 'person', by: record.confirmed.by };
  return told.some((field) => sources[field] === 'description') ? { source: 'description', by: null } : null;
}
