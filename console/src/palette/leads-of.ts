import { type IdKind, parseId } from '@ambit/protocol';
import type { Findable, Way } from './find.ts';

type Lead = { readonly says: string; readonly way: (id: string) => Way };

/** The pages of what has one, by the kind of its id. */
const leads: Partial<Readonly<Record<IdKind, readonly Lead[]>>> = {
  task: [
    { says: 'This task', way: (task) => ({ to: '/tasks/$task', params: { task } }) },
    { says: 'Its run', way: (task) => ({ to: '/runs/$task', params: { task } }) },
  ],
  agent: [
    { says: 'This agent', way: (agent) => ({ to: '/agents/$agent/{-$tab}', params: { agent, tab: undefined } }) },
  ],
  approval: [{ says: 'This question', way: (approval) => ({ to: '/inbox/{-$approval}', params: { approval } }) }],
  entry: [{ says: 'This entry', way: (entry) => ({ to: '/log/$entry', params: { entry } }) }],
  proposal: [{ says: 'This proposal', way: (proposal) => ({ to: '/proposals/{-$proposal}', params: { proposal } }) }],
  person: [
    {
      says: 'This person',
      way: (person) => ({ to: '/settings/{-$tab}', params: { tab: 'people' }, search: { person } }),
    },
    { says: 'What they did, in the log', way: (person) => ({ to: '/log', search: { q: `person:${person}` } }) },
  ],
};

/** Where an id leads that was pasted whole. Any other text leads nowhere by itself. */
export function leadsOf(text: string): readonly Findable[] {
  const given = text.trim();
  return Object.entries(leads).flatMap(([kind, ways]) =>
    parseId(kind as IdKind, given) === undefined
      ? []
      : ways.map(({ says, way }) => ({
          key: `${says} ${given}`,
          group: 'Leads to' as const,
          name: says,
          beside: given,
          to: way(given),
        })),
  );
}
