import type { Ending } from '@ambit/sdk/operator';
import { readDuration } from './read-time.ts';

/** `1 token`, `3 tokens`. */
export const counted = (count: number, what: string, many = `${what}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? what : many}`;

/** How many of each kind end or ended. */
export type Counted = {
  readonly tasks?: number;
  readonly tokens?: number;
  readonly questions?: number;
  readonly elevations?: number;
  readonly remembered?: number;
  readonly grants?: number;
};

const nouns: readonly (readonly [keyof Counted, one: string, many?: string])[] = [
  ['tasks', 'task'],
  ['tokens', 'token'],
  ['questions', 'question'],
  ['elevations', 'elevation'],
  ['remembered', 'remembered yes', 'remembered yeses'],
  ['grants', 'standing grant'],
];

/** `2 tasks, 3 tokens and 1 question`; null where there is nothing. */
export function sayCounted(ends: Counted): string | null {
  const said = nouns.flatMap(([kind, ...noun]) => {
    const many = ends[kind] ?? 0;
    return many === 0 ? [] : [counted(many, ...noun)];
  });
  const last = said.pop();
  if (last === undefined) return null;
  return said.length === 0 ? last : `${said.join(', ')} and ${last}`;
}

/** What the plane says ended, by kind. */
export function countEnded({ ended }: Pick<Ending, 'ended'>): Counted {
  const many = (kind: string) => ended.filter((one) => one.kind === kind).length;
  return {
    tasks: many('task'),
    tokens: many('token'),
    questions: many('approval'),
    elevations: many('elevation'),
    remembered: many('remembered'),
    grants: many('standing-grant'),
  };
}

/** `2 tasks and 3 tokens ended in 41 ms.` What was on its way is said, too. */
export function sayEnding(ending: Ending): string {
  const { inFlight, milliseconds } = ending;
  const ended = sayCounted(countEnded(ending));
  const what =
    ended === null ? 'Nothing hung on it that had to end.' : `${ended} ended in ${readDuration(milliseconds)}.`;
  if (inFlight.length === 0) return what;
  const calls = inFlight.length === 1 ? '1 call was' : `${inFlight.length} calls were`;
  return `${what} ${calls} on the way already, and cut where the answer still streamed.`;
}
