import type { ActionInShort, Api, Operator } from '@ambit/sdk/operator';
import { useRead } from './use-read.ts';

export type CatalogShown = {
  readonly version: string;
  readonly apis: readonly Api[];
  readonly actions: readonly ActionInShort[];
};

let kept: CatalogShown | null = null;

/** Every API and action. They are read anew only where the catalog has another version than the one that is kept. */
export function useCatalog() {
  return useRead(['catalog', 'all'], async ({ operator }) => {
    const { version, apis } = await operator.catalog.list();
    if (kept?.version !== version) kept = { version, apis, actions: await allActions(operator) };
    return kept;
  });
}

async function allActions(operator: Operator): Promise<readonly ActionInShort[]> {
  const all: ActionInShort[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Operator['catalog']['actions']>> = await operator.catalog.actions(
      after === null ? {} : { after },
    );
    all.push(...page.actions);
    after = page.next;
  } while (after !== null);
  return all;
}

export const apiOf = ({ id }: Pick<ActionInShort, 'id'>): string => id.slice(0, id.indexOf(':'));
export const operationOf = ({ id }: Pick<ActionInShort, 'id'>): string => id.slice(id.indexOf(':') + 1);
