import type { BrowserContext, Page } from '../../console/test/browser.ts';

/** One interaction: milliseconds from the input until the next picture that shows it, and the name of the event. */
export type Interaction = { readonly ms: number; readonly event: string };

type Kept = { readonly id: number; readonly ms: number; readonly event: string };

/**
 * Event Timing (W3C): every event of an interaction has its id, and the longest of them is how long the interaction took.
 * Durations are told in steps of 8 ms; what took less than 16 is not told at all, and counts as 16.
 */
const listen = `(() => {
  globalThis.interactionsHeard = [];
  const keep = (list) => {
    for (const { interactionId, duration, name } of list.getEntries())
      if (interactionId > 0) interactionsHeard.push({ id: interactionId, ms: duration, event: name });
  };
  new PerformanceObserver(keep).observe({ type: 'event', durationThreshold: 16, buffered: true });
})()`;

// Entries are told after the next picture, when the page has time.
const told = `new Promise((done) => setTimeout(() => requestAnimationFrame(() => {
  done(interactionsHeard.splice(0));
}), 250))`;

/** From now on, each page that is opened keeps what its interactions took. */
export const hearInteractions = (context: BrowserContext): Promise<unknown> => context.addInitScript(listen);

/** What was heard since this was asked last. */
export async function interactionsOf(page: Page): Promise<readonly Interaction[]> {
  return longestOf(await page.evaluate<Kept[]>(told));
}

export function longestOf(events: readonly Kept[]): readonly Interaction[] {
  const longest = new Map<number, Interaction>();
  for (const { id, ms, event } of events) if (ms > (longest.get(id)?.ms ?? 0)) longest.set(id, { ms, event });
  return [...longest.values()];
}

const perOutlier = 50;

/**
 * Interaction to Next Paint of a visit, as web.dev/inp defines it: the longest interaction, but for one in every fifty, which is
 * left out. `count` is how many there were, told or not. Throws where none was told: then nothing was measured.
 */
export function inpOf(interactions: readonly Interaction[], count: number): number {
  const sorted = interactions.map(({ ms }) => ms).toSorted((a, b) => b - a);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(count / perOutlier))];
  if (found === undefined) throw new Error('nothing was heard of any interaction');
  return found;
}
