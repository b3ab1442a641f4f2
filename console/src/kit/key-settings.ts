import { useMemo, useSyncExternalStore } from 'react';

/** What a person chose about keys of one letter, in this browser. */
export type KeySettings = {
  readonly isOff: boolean;
  /** What is pressed instead of the key that stands before it. */
  readonly instead: Readonly<Record<string, string>>;
};

export const singleKeys = [
  { key: 'j', says: 'Next' },
  { key: 'k', says: 'Previous' },
  { key: 'a', says: 'Approve…; with ⇧: and remember…' },
  { key: 'r', says: 'Refuse…' },
  { key: 'e', says: 'The exact call' },
  { key: 'o', says: 'Open the run' },
  { key: 'c', says: 'Copy or classify' },
  { key: 'n', says: 'Something new' },
  { key: 'p', says: 'Publish…' },
  { key: 'v', says: 'Verify an entry' },
  { key: 's', says: 'With ⇧: suspend or end…' },
  { key: '/', says: 'Filter' },
  { key: 'g', says: 'Go to a page, with its letter' },
  { key: '?', says: 'All keys' },
] as const;

const keptAs = 'ambit-keys';
const asFirst: KeySettings = { isOff: false, instead: {} };

const listeners = new Set<() => void>();

export const keptKeys = (): KeySettings => readKept(localStorage.getItem(keptAs));

const readKept = (text: string | null): KeySettings =>
  text === null ? asFirst : { ...asFirst, ...(JSON.parse(text) as Partial<KeySettings>) };

export function keepKeys(settings: KeySettings): void {
  localStorage.setItem(keptAs, JSON.stringify(settings));
  for (const listener of listeners) listener();
}

/** The same, for what has to be drawn again when they change, in another tab too. */
export function useKeySettings(): KeySettings {
  const text = useSyncExternalStore(hear, () => localStorage.getItem(keptAs));
  return useMemo(() => readKept(text), [text]);
}

function hear(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** What a pressed key stands for; null where it stands for nothing here. Only keys of one letter can be chosen. */
export function meantBy(pressed: string, { isOff, instead }: KeySettings): string | null {
  const letter = pressed.replace('shift+', '');
  if ([...letter].length > 1) return pressed;
  if (isOff) return null;
  const moved = Object.entries(instead).find(([, own]) => own === letter)?.[0];
  if (moved !== undefined) return pressed.replace(letter, moved);
  return instead[letter] === undefined || instead[letter] === letter ? pressed : null;
}

/** Whether nothing is pressed for a key, because keys of one letter are off. */
export const isSwitchedOff = (keys: string, { isOff }: KeySettings): boolean =>
  isOff && /^(shift\+)?\S( \S)?$/.test(keys);

/** What is pressed for a key, as a person chose it. */
export const pressedFor = (keys: string, { instead }: KeySettings): string =>
  keys.replace(
    /^(shift\+)?(\S)(?=$| )/,
    (_, shift: string | undefined, key: string) => `${shift ?? ''}${instead[key] ?? key}`,
  );
