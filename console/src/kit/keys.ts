import { useEffect, useRef } from 'react';
import { keptKeys, meantBy, pressedFor } from './key-settings.ts';

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

/** Keys that work while this is shown; `?` lists them. Off while somebody types, and behind an open dialog. */
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
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector('[role=dialog],[role=alertdialog]'))
    return;
  const named = nameOf(event);
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
  const parts = [altKey && 'alt', (metaKey || ctrlKey) && 'mod', isLetter && shiftKey && 'shift', key.toLowerCase()];
  return parts.filter(Boolean).join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** As it is printed on keys: `⇧A`, `⌘K`, `G I`. */
export function readKeys(keys: string): string {
  return pressedFor(keys, keptKeys())
    .replace('shift+', '⇧')
    .replace('mod+', '⌘')
    .replace('enter', '↵')
    .replace('escape', 'Esc')
    .toUpperCase()
    .replace('ESC', 'Esc');
}
