import { useState } from 'react';
import { usePlane } from './session-provider.tsx';

/** Kept as long as this page of the browser is open, and nowhere else: what a form holds may be nobody else's business. */
const kept = new Map<string, unknown>();

/**
 * One field of a form, by a name that begins with the form's own. What a person typed stays while they look at other pages, and
 * when the plane ends their session and they sign in again; nobody else who signs in here finds it. Never for secrets.
 */
export function useDraft<T>(name: `${string}/${string}`, initial: T): readonly [T, (next: T) => void] {
  const { me } = usePlane();
  const key = `${me.id} ${name}`;
  const [value, setValue] = useState<T>(kept.has(key) ? (kept.get(key) as T) : initial);
  const set = (next: T) => {
    kept.set(key, next);
    setValue(next);
  };
  return [value, set];
}

/** What was sent is no draft any more. */
export function useForgetDraft(form: string): () => void {
  const { me } = usePlane();
  return () => {
    for (const key of kept.keys()) if (key.startsWith(`${me.id} ${form}/`)) kept.delete(key);
  };
}
