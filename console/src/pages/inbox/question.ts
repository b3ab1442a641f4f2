import type { ValuePart } from '@ambit/protocol';
import type { Approval, ListedQuestion } from '@ambit/sdk/operator';
import { isNamed } from '../../kit/is-named.ts';

/** Still to be answered, at this time of the plane. */
export const isOpen = ({ state, expiresAt }: Pick<ListedQuestion, 'state' | 'expiresAt'>, now: number): boolean =>
  state === 'parked' && now < expiresAt;

/** What the sentence names, each once: `order 1042`. */
export function namedIn({ card }: Approval): readonly ValuePart[] {
  const named = card.sentence.filter((part) => 'value' in part).filter(isNamed);
  return named.filter(
    ({ kind, value }, at) => named.findIndex((one) => one.kind === kind && one.value === value) === at,
  );
}

export const soonestFirst = (one: ListedQuestion, other: ListedQuestion): number => one.expiresAt - other.expiresAt;
