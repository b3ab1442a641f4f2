import { useSyncExternalStore } from 'react';
import { isLost, planeNow } from '../plane/reach.ts';

const listeners = new Set<() => void>();
let second = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The plane's clock, in whole seconds as epoch milliseconds. One for all that counts down; it stands still while the plane is lost. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 250);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function read(): number {
  if (second === 0 || timer === undefined) second = wholeSecond();
  return second;
}

function tick(): void {
  if (isLost()) return;
  const now = wholeSecond();
  if (now === second) return;
  second = now;
  for (const listener of listeners) listener();
}

const wholeSecond = () => Math.floor(planeNow() / 1000) * 1000;
