import { useEffect, useRef } from 'react';
import { isSwitchedOff, keptKeys, meantBy, pressedFor, useKeySettings } from './key-settings.ts';

/** Where `⌘` is pressed for what is `Ctrl` elsewhere. */
const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);

/** A key and what it does: `j`, `shift+a`, `mod+k`, `g i`, `?`. */
export type Key = {
  readonly keys: string;
  readonly says: string;
  readonly run: () => void;
  /** Whether holding it down goes on; otherwise a key that repeats does nothing. */
  readonly repeats?: boolean;
  /** Whether the sheet of keys leaves it out, because another key does the same. */
  readonly isHidden?: boolean;
};

const active = new Set<{ readonly current: readonly Key[] }>();
const sequenceMs = 1200;
let before: { readonly key: string; readonly at: number } | null = null;

/** Keys that work while this is shown; `?` lists them. Off behind an open dialog; and while somebody types, all but those with `mod`. */
export function useKeys(keys: readonly Key[]): void {
  const kept = useRef(keys);
  kept.current = keys;
  useEffect(() => {
    active.add(kept);
    if (active.size === 1) window.addEventListener('keydown', press);
    return () => {
      active.delete(kept);
      if (active.size === 0) window.removeEventListener('keydown', press);
    };
  }, []);
}

/** What works at this moment. */
export const activeKeys = (): readonly Key[] => [...active].flatMap((each) => each.current);

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || document.querySelector('[role=dialog],[role=alertdialog]')) return;
  const named = nameOf(event);
  if (isTyping(event.target) && !named.startsWith('mod+')) return;
  const pressed = meantBy(named, keptKeys());
  const begun = before !== null && event.timeStamp - before.at < sequenceMs ? before.key : null;
  if (pressed === null && begun === null) return;
  // The second key of a sequence is the letter of a page, wherever single keys were moved to.
  const sequence = begun === null ? pressed : `${begun} ${named}`;
  before = pressed === null ? null : { key: pressed, at: event.timeStamp };
  // The newest page has the last word.
  const found =
    activeKeys().findLast(({ keys }) => keys === sequence) ?? activeKeys().findLast(({ keys }) => keys === pressed);
  if (found === undefined) return;
  event.preventDefault();
  before = null;
  if (!event.repeat || found.repeats) found.run();
}

function nameOf({ key, shiftKey, metaKey, ctrlKey, altKey }: KeyboardEvent): string {
  const isLetter = /^\p{L}$/u.test(key);
  const [isMod, isOther] = isMac() ? [metaKey, ctrlKey] : [ctrlKey, metaKey];
  const parts = [altKey && 'alt', isOther && 'other', isMod && 'mod', isLetter && shiftKey && 'shift'];
  return [...parts.filter(Boolean), key.toLowerCase()].join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** What is pressed for a key, as it is printed: `['⇧A']`, `['⌘K']`, `['G', 'I']`. None where it is switched off. */
export function useCaps(keys: string): readonly string[] {
  const settings = useKeySettings();
  if (isSwitchedOff(keys, settings)) return [];
  return pressedFor(keys, settings).split(' ').flatMap(capsOf);
}

const capsOf = (pressed: string): readonly string[] => {
  const cap = pressed.replace('shift+', '⇧').replace('enter', '↵').replace('escape', 'Esc');
  if (cap.startsWith('mod+')) {
    const key = cap.slice('mod+'.length).toUpperCase();
    return isMac() ? [`⌘${key}`] : ['Ctrl', key];
  }
  return [cap === 'Esc' ? cap : cap.toUpperCase()];
};

/** The same for `aria-keyshortcuts`, by the names that WAI-ARIA gives to keys. */
export function useShortcut(keys: string | undefined): string | undefined {
  const settings = useKeySettings();
  if (keys === undefined || isSwitchedOff(keys, settings)) return undefined;
  return pressedFor(keys, settings)
    .replace('shift+', 'Shift+')
    .replace('mod+', isMac() ? 'Meta+' : 'Control+');
}
