import { useRef } from 'react';

/** The newest, except while it is held: what somebody points at stays where it is. */
export function useHeld<T>(newest: T, isHeld: boolean): T {
  const kept = useRef(newest);
  if (!isHeld) kept.current = newest;
  return kept.current;
}
