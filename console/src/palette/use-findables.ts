import { useMemo } from 'react';
import { pageFiles } from '../page-files.ts';
import { settingsTabs } from '../pages/settings/tabs.ts';
import { type Place, places } from '../places.ts';
import { useAgentNames } from '../plane/use-agent-names.ts';
import { useCatalog } from '../plane/use-catalog.ts';
import { useRead } from '../plane/use-read.ts';
import { pathOf } from '../shell/open-places.ts';
import type { Findable } from './find.ts';

export type Findables = {
  readonly all: readonly Findable[];
  readonly isReading: boolean;
  /** What could not be read, and so is not found. */
  readonly missing: readonly string[];
};

/** Everything that has a page of its own, as far as this person may read it. */
export function useFindables(): Findables {
  const agents = useRead(['agents', 'list'], ({ operator }) => operator.agents.list({ limit: 500 }));
  const tasks = useRead(['tasks', 'list'], ({ operator }) => operator.tasks.list());
  const persons = useRead(['persons', 'names'], ({ operator }) => operator.persons.list({ limit: 500 }));
  const catalog = useCatalog();
  const called = useAgentNames();
  const all = useMemo(
    () => [
      ...pages,
      ...(agents.data ?? []).map(({ id, name, purpose }): Findable => {
        const to = { to: '/agents/$agent/{-$tab}', params: { agent: id, tab: undefined } };
        return { key: id, group: 'Agents', name, beside: purpose, to };
      }),
      ...(tasks.data ?? []).map(({ id, agent, purpose, state }): Findable => {
        const beside = `${called[agent] ?? agent}, ${state}`;
        return {
          key: id,
          group: 'Tasks',
          name: purpose.text,
          beside,
          to: { to: '/tasks/$task', params: { task: id } },
        };
      }),
      ...(catalog.data?.actions ?? []).map(({ id, summary }): Findable => {
        const [api = '', action = ''] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)];
        const to = { to: '/catalog/$api/{-$action}', params: { api, action } };
        return { key: id, group: 'Actions', name: id, beside: summary, to };
      }),
      ...(persons.data ?? []).map(({ id, name, roles }): Findable => {
        const to = { to: '/settings/{-$tab}', params: { tab: 'people' }, search: { person: id } };
        return { key: id, group: 'People', name, beside: roles.join(', '), to };
      }),
    ],
    [agents.data, tasks.data, persons.data, catalog.data, called],
  );
  const reads = [
    ['Agents', agents],
    ['Tasks', tasks],
    ['People', persons],
    ['Actions', catalog],
  ] as const;
  return {
    isReading: reads.some(([, { isPending }]) => isPending),
    missing: reads.flatMap(([what, { isError, data }]) => (isError && data === undefined ? [what] : [])),
    all,
  };
}

const isWhole = ({ path }: Place): boolean => !path.includes('/$');

const pages: readonly Findable[] = [
  ...places
    .filter((place) => isWhole(place) && place.group !== undefined && pageFiles[place.page] !== undefined)
    .map(({ title, ...place }) => pageOf(title, '', { to: pathOf({ title, ...place }) })),
  pageOf('Open a task', 'new', { to: '/tasks/new' }),
  pageOf('Register an agent', 'new', { to: '/agents/new' }),
  pageOf('Unmatched calls', 'Catalog', { to: '/catalog/unmatched' }),
  ...settingsTabs.map(({ name, says }) => pageOf(says, 'Settings', { to: '/settings/{-$tab}', params: { tab: name } })),
  pageOf('Your first decided call', 'guided start', { to: '/start' }),
];

function pageOf(name: string, beside: string, to: Findable['to']): Findable {
  return { key: `${name} ${beside}`, group: 'Pages', name, beside, to };
}
