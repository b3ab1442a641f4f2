import type { Ended, Ending } from '@ambit/sdk/operator';
import { indent, type Line, line } from '../line.ts';
import { countOf } from './count.ts';

export const showEnded = ({ kind, id, of }: Ended): Line => line`${kind} ${id} of ${of}`;

export const countThings = (ended: readonly unknown[]): string => countOf(ended.length, 'thing');

/** What died together, and what had left already. */
export function showEnding({ ended, inFlight, milliseconds }: Ending): readonly Line[] {
  return [
    line`${countThings(ended)} ended with it, in ${milliseconds} ms.`,
    ...ended.map((one) => indent(1, showEnded(one))),
    ...inFlight.map((entry) => indent(1, line`on its way, cut where it still streamed: call ${entry}`)),
  ];
}
