import type { Input } from './target.ts';

/**
 * The shortest input found that still fails: pieces are taken out, the largest first (delta debugging), then what is
 * left is made plain. Gives up after `secondsMax`, with the best so far.
 */
export async function minimise(
  input: Input,
  fails: (input: Input) => boolean | Promise<boolean>,
  secondsMax: number,
): Promise<Input> {
  const end = performance.now() + secondsMax * 1000;
  const isLate = () => performance.now() > end;
  let best = input;
  for (let before = ''; before !== best && !isLate(); ) {
    before = best;
    best = await withoutPieces(best, fails, isLate);
    best = await plainer(best, fails, isLate);
  }
  return best;
}

type Fails = (input: Input) => boolean | Promise<boolean>;

async function withoutPieces(input: Input, fails: Fails, isLate: () => boolean): Promise<Input> {
  let best = input;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && !isLate(); ) {
      const shorter = best.slice(0, at) + best.slice(at + size);
      if (await fails(shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}

/** A letter or digit says less than any other sign, and `a` less than any other letter. */
async function plainer(input: Input, fails: Fails, isLate: () => boolean): Promise<Input> {
  let best = input;
  for (let at = 0; at < best.length && !isLate(); at++) {
    const char = best[at]!;
    const wanted = /[0-9]/.test(char) ? '0' : 'a';
    if (char === wanted || /[a0]/.test(char)) continue;
    const simpler = best.slice(0, at) + wanted + best.slice(at + 1);
    if (await fails(simpler)) best = simpler;
  }
  return best;
}
