import { Refusal } from '../foundation/index.ts';

/** Answers that come at once wait for each other: at most ten can be needed, and each loser finds one more given. */
const racesMax = 20;

/** Tries again what lost a race: it is looked at anew, beside what the other one changed. */
export async function again<T>(once: () => Promise<T>): Promise<T> {
  for (let race = 1; ; race++) {
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'state.changed') || race === racesMax) throw error;
    }
  }
}
