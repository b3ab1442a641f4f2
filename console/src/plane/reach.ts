import type { Health } from '@ambit/sdk/operator';
import { useSyncExternalStore } from 'react';

/** Whether the plane answers, and what its clock says. */
export type Reach = {
  /** Epoch milliseconds since when it does not; null while it does. */
  readonly lostSince: number | null;
};

let reach: Reach = { lostSince: null };
let aheadMs = 0;
const listeners = new Set<() => void>();
const askAgainMs = 3000;

/** The plane's own time in epoch milliseconds, as its last answer said it: to the second. */
export const planeNow = (): number => Date.now() + aheadMs;

/** `fetch`, and what every answer tells about the plane besides. */
export const fetchAndHear: typeof fetch = async (input, init) => {
  try {
    const response = await globalThis.fetch(input, init);
    heard(response.headers.get('date'));
    return response;
  } catch (error) {
    // Whoever took a request back learns nothing about the plane.
    if (!init?.signal?.aborted) lost();
    throw error;
  }
};

/** The state of the line; renders again when it changes. */
export function useReach(): Reach {
  return useSyncExternalStore(subscribe, () => reach);
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const isLost = (): boolean => reach.lostSince !== null;

function heard(date: string | null): void {
  const said = date === null ? Number.NaN : Date.parse(date);
  // The header is cut to the second. Within one the two clocks agree, and nothing jumps about.
  if (!Number.isNaN(said) && Math.abs(said + 500 - planeNow()) > 1500) aheadMs = said + 500 - Date.now();
  if (reach.lostSince !== null) change({ lostSince: null });
}

function lost(): void {
  if (reach.lostSince !== null) return;
  change({ lostSince: planeNow() });
  askAgain();
}

function askAgain(): void {
  setTimeout(async () => {
    if (!(await isReached())) askAgain();
  }, askAgainMs);
}

/** The origin that people open, as the plane says it; null where it did not say. */
export async function peopleOrigin(): Promise<string | null> {
  // What stands before the plane may answer in its place, and not as JSON.
  const answer = await fetchAndHear('/health', { cache: 'no-store' })
    .then((response) => response.json() as Promise<Partial<Health> | null>)
    .catch(() => null);
  return typeof answer?.people === 'string' && URL.canParse(answer.people) ? new URL(answer.people).origin : null;
}

/** Asks the plane whether it is there; whoever shows the state of the line hears of what changed. */
export const isReached = (): Promise<boolean> =>
  fetchAndHear('/health', { cache: 'no-store' }).then(
    () => true,
    () => false,
  );

function change(next: Reach): void {
  reach = next;
  for (const listener of listeners) listener();
}
