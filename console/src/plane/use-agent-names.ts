import { useMemo } from 'react';
import { useRead } from './use-read.ts';

/** What the agents of the organisation are called, by their ids. */
export function useAgentNames(): Readonly<Record<string, string>> {
  const agents = useRead(['agents', 'list'], ({ operator }) => operator.agents.list({ limit: 500 }));
  return useMemo(() => Object.fromEntries((agents.data ?? []).map(({ id, name }) => [id, name])), [agents.data]);
}
