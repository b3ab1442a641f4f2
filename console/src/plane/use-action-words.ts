import type { ActionWords } from '@ambit/protocol';
import { type ActionShown, AmbitRefusal, type Authority } from '@ambit/sdk/operator';
import { useRead } from './use-read.ts';

export type WordsOf = (action: string) => ActionWords | undefined;

/**
 * What the catalog says of the actions that this authority names. An action that it does not know has no words; null while the
 * catalog is asked. Where it does not answer, everything is said without its words.
 */
export function useActionWords(authority: Authority): WordsOf | null {
  const { isPending, data } = useWords(authority);
  return isPending ? null : (action) => data?.[action];
}

/** The same for what is wrong where words are missing: then the catalog did not answer, and nothing is said by its words. */
export function useEveryActionWord(authority: Authority): WordsOf | null | 'no answer' {
  const { isPending, isPlaceholderData, data } = useWords(authority);
  if (isPending || isPlaceholderData) return null;
  return data === undefined ? 'no answer' : (action) => data[action];
}

function useWords(authority: Authority) {
  const actions = [...new Set(authority.flatMap((grant) => grant.actions))].toSorted();
  return useRead(
    ['catalog', 'words', ...actions],
    async ({ operator }) => {
      const found = await Promise.all(actions.map((action) => orNothing(operator.catalog.action(action))));
      return Object.fromEntries(found.flatMap((one) => (one === undefined ? [] : [[one.id, wordsIn(one)] as const])));
    },
    { keepsLast: true },
  );
}

const wordsIn = ({ api, sentence, money, resource }: ActionShown): ActionWords => ({
  api,
  sentence,
  money: money && { places: 0, ...money },
  resource,
});

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AmbitRefusal && error.status === 404) return undefined;
    throw error;
  }
}
