import type { Part } from './parts.ts';

/** The full stop behind these words: nothing, where the last of them bring one of their own. */
export function fullStop(said: readonly Part[]): string {
  const last = said.at(-1);
  const text = last === undefined ? '' : 'text' in last ? last.text : 'value' in last ? last.value : '';
  return /[.!?…]["”’)]?$/.test(text) ? '' : '.';
}
