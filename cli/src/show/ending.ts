import type { Ended, Ending, Left } from '@ambit/sdk/operator';
import { indent, type Line, line } from '../line.ts';
import { countOf } from './count.ts';

export const showEnded = ({ kind, id, of }: Ended): Line => line`${kind} ${id} of ${of}`;

export const countThings = (ended: readonly unknown[]): string => countOf(ended.length, 'thing');

const showLeft = (one: Left): Line =>
  one.kind === 'agent'
    ? line`left without an owner: agent ${one.id}`
    : line`to be removed in ${one.api}: ${one.externalId}, agent user ${one.id} of ${one.of}`;

/** What died together, what had left already, and what a person has to look after. */
export function showEnding({ ended, inFlight, left, milliseconds }: Ending): readonly Line[] {
  return [
    line`${countThings(ended)} ended with it, in ${milliseconds} ms.`,
    ...ended.map((one) => indent(1, showEnded(one))),
    ...inFlight.map((entry) => indent(1, line`on its way, cut where it still streamed: call ${entry}`)),
    ...left.map((one) => indent(1, showLeft(one))),
  ];
}
