import { type IdKind, parseId } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';

/** The id that a path names; what is none of that kind names nothing. */
export function idIn<K extends IdKind>(kind: K, params: Readonly<Record<string, string>>, param: string) {
  const parsed = parseId(kind, params[param]);
  if (parsed === undefined) throw refuse('thing.not_found', `${params[param]} is no id of a ${kind}`);
  return parsed;
}
