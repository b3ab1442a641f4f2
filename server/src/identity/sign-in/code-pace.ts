import { type Clock, refuse } from '../../foundation/index.ts';
import { createRecent } from '../recent.ts';

/**
 * THREATS: made-up-code. Anybody may begin to sign in and send a code, and only the provider can tell whether it is one. How
 * often it is asked in vain has an end; a question that opened a session was none, and takes nothing.
 */
export type CodePace = {
  /** Refuses with `sign_in.busy`, without asking, where too many codes of that provider were none lately. */
  readonly ask: <T>(provider: string, question: () => Promise<T>) => Promise<T>;
};

const atOnceMax = 60;
const againMs = 1000;
const providersMax = 1000;

type Left = { questions: number; at: number };

export function createCodePace(clock: Clock): CodePace {
  const all = createRecent<Left>(providersMax);

  /** Its questions as they are now: one comes back each second. */
  function leftOf(provider: string): Left {
    const now = clock();
    const left = all.get(provider) ?? { questions: atOnceMax, at: now };
    const back = Math.max(0, Math.floor((now - left.at) / againMs));
    left.questions = Math.min(atOnceMax, left.questions + back);
    left.at = left.questions === atOnceMax ? now : left.at + back * againMs;
    all.put(provider, left);
    return left;
  }

  return {
    async ask(provider, question) {
      const left = leftOf(provider);
      if (left.questions === 0) {
        const because = `${atOnceMax} codes of ${provider} were none, or are being asked about`;
        throw refuse('sign_in.busy', because, undefined, { 'retry-after': `${againMs / 1000}` });
      }
      left.questions -= 1;
      const answer = await question();
      left.questions = Math.min(atOnceMax, left.questions + 1);
      return answer;
    },
  };
}
