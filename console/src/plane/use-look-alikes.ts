import type { Agent, PersonInShort } from '@ambit/sdk/operator';
import { type FindAlike, findAlikeAmong } from '../kit/look-alikes.ts';
import { useRead } from './use-read.ts';

type Everybody = { readonly persons: readonly PersonInShort[]; readonly agents: readonly Agent[] };
type Kept = { readonly of: Everybody; readonly find: FindAlike };

const nobody: Everybody = { persons: [], agents: [] };
/** Everybody on a page is looked up in the same: it is made once for what was read. */
let kept: Kept = { of: nobody, find: () => [] };

/** Looks for names that could be taken for one another, among all people and agents that may still do something. */
export function useLookAlikes(): FindAlike {
  const persons = useRead(['persons', 'names'], ({ operator }) => operator.persons.list({ limit: 500 })).data;
  const agents = useRead(['agents', 'list'], ({ operator }) => operator.agents.list({ limit: 500 })).data;
  return findAmong({ persons: persons ?? nobody.persons, agents: agents ?? nobody.agents });
}

function findAmong(of: Everybody): FindAlike {
  if (kept.of.persons !== of.persons || kept.of.agents !== of.agents) {
    const persons = of.persons.filter(({ state }) => state === 'active');
    const agents = of.agents.filter(({ state }) => state !== 'retired');
    const find = findAlikeAmong([
      ...persons.map(({ id, name }) => ({ id, name, kind: 'person' as const })),
      ...agents.map(({ id, name }) => ({ id, name, kind: 'agent' as const })),
    ]);
    kept = { of, find };
  }
  return kept.find;
}
