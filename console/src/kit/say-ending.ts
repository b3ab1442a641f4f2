import type { Ending } from '@ambit/sdk/operator';
import { readDuration } from './read-time.ts';

/** How many of each kind end or ended. */
export type Counted = {
  readonly tasks?: number;
  readonly tokens?: number;
  readonly questions?: number;
  readonly elevations?: number;
  readonly grants?: number;
};

const nouns: readonly (readonly [keyof Counted, string])[] = [
  ['tasks', 'task'],
  ['tokens', 'token'],
  ['questions', 'question'],
  ['elevations', 'elevation'],
  ['grants', 'standing grant'],
];

/** `2 tasks, 3 tokens and 1 question`; null where there is nothing. */
export function sayCounted(counted: Counted): string | null {
  const said = nouns.flatMap(([kind, noun]) => {
    const many = counted[kind] ?? 0;
    return many === 0 ? [] : [many === 1 ? `1 ${noun}` : `${many} ${noun}s`];
  });
  const last = said.pop();
  if (last === undefined) return null;
  return said.length === 0 ? last : `${said.join(', ')} and ${last}`;
}

/** `2 tasks and 3 tokens ended in 41 ms.` What was on its way is said, too. */
export function sayEnding({ ended, inFlight, milliseconds }: Ending): string {
  const many = (kind: string) => ended.filter((one) => one.kind === kind).length;
  const counted = sayCounted({
    tasks: many('task'),
    tokens: many('token'),
    questions: many('approval'),
    elevations: many('elevation'),
    grants: many('standing-grant'),
  });
  const what =
    counted === null ? 'Nothing hung on it that had to end.' : `${counted} ended in ${readDuration(milliseconds)}.`;
  if (inFlight.length === 0) return what;
  const calls = inFlight.length === 1 ? '1 call was' : `${inFlight.length} calls were`;
  return `${what} ${calls} on the way already, and cut where the answer still streamed.`;
}
