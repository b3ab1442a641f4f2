import type { Ending } from '@ambit/sdk/operator';
import { readDuration } from '../../kit/read-time.ts';
import { countEnded, counted, sayCounted } from '../../kit/say-ending.ts';

/** What the plane says ended: `Ended: 2 tasks, 3 tokens and 1 question, in 41 ms.` */
export function readEnding(ending: Ending): string {
  const { inFlight, milliseconds } = ending;
  const ended = sayCounted(countEnded(ending));
  const first = ended === null ? 'It had ended already.' : `Ended: ${ended}, in ${readDuration(milliseconds)}.`;
  if (inFlight.length === 0) return first;
  return `${first} ${counted(inFlight.length, 'call')} had been sent already: look at the run for what became of it.`;
}
