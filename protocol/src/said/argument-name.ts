import type { ActionWords } from './action-words.ts';
import { singular } from './singular.ts';

/**
 * What people call an argument: as the sentence of the action does where it names it (`order` for `path.orderId`), its last
 * word otherwise (`text` for `body.text`).
 */
export function argumentName(argument: string, words: Pick<ActionWords, 'money' | 'resource'> | undefined): string {
  if (argument === words?.resource?.id) return singular(words.resource.type);
  if (argument === words?.money?.amount) return 'amount';
  if (argument === words?.money?.currency) return 'currency';
  return argument.slice(argument.lastIndexOf('.') + 1) || argument;
}
