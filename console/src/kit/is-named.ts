import type { ValuePart } from '@ambit/protocol';

/** Kinds of values that say nothing about what it is. */
const unnamed = new Set(['text', 'number', 'amount', 'time', 'action', 'reason', 'argument']);

/** Whether a value names something, so that its id belongs on the card: `order 1042`. */
export const isNamed = ({ kind }: Pick<ValuePart, 'kind'>): boolean => !unnamed.has(kind);
