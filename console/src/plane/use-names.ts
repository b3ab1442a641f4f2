import { useRead } from './use-read.ts';

/** What people of the organisation are called, by their ids. */
export function useNames(): Readonly<Record<string, string>> {
  const persons = useRead(['persons', 'names'], ({ operator }) => operator.persons.list({ limit: 500 }));
  return Object.fromEntries((persons.data ?? []).map(({ id, name }) => [id, name]));
}
