/** Chance that can be had again: the same seed makes the same choices, in the same order. */
export type Random = {
  /** From 0 up to, not including, 1. */
  (): number;
  /** A whole number from `min` to `max`, both included. */
  readonly whole: (min: number, max: number) => number;
  readonly one: <T>(of: readonly T[]) => T;
};

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return Object.assign(next, {
    whole,
    one<T>(of: readonly T[]): T {
      const chosen = of[whole(0, of.length - 1)];
      if (chosen === undefined) throw new Error('there is nothing to choose from');
      return chosen;
    },
  });
}

/** The seed of a run: the one that was given (FAULTS_SEED=…), or a new one. It belongs into every test's name. */
export const seedOfRun = (): number => Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000));
