import type { Ending } from '@ambit/sdk/operator';
import { readDuration } from '../../kit/read-time.ts';
import { counted } from './counted.ts';

const nouns = {
  task: 'task',
  token: 'token',
  approval: 'question',
  elevation: 'elevation',
  'standing-grant': 'standing grant',
} as const;

/** What the plane says ended: `Ended: 2 tasks, 3 tokens and 1 question, in 41 ms.` */
export function readEnding({ ended, inFlight, milliseconds }: Ending): string {
  const counts = Object.entries(nouns).flatMap(([kind, noun]) => {
    const count = ended.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [counted(count, noun)];
  });
  const list = new Intl.ListFormat('en').format(counts);
  const first = counts.length === 0 ? 'It had ended already.' : `Ended: ${list}, in ${readDuration(milliseconds)}.`;
  if (inFlight.length === 0) return first;
  return `${first} ${counted(inFlight.length, 'call')} had been sent already: look at the run for what became of it.`;
}
