import { useCaps } from './keys.ts';

type KeyCapProps = {
  /** As `useKeys` names it: `a`, `shift+s`, `mod+k`. Shown is what is pressed for it here. */
  readonly keys: string;
  readonly isOnFill?: boolean;
};

/** A key, as it is printed on a keyboard. A hint for the eye: screen readers hear of keys by `aria-keyshortcuts`. */
export function KeyCap({ keys, isOnFill = false }: KeyCapProps) {
  const ink = isOnFill ? 'border-white/45 text-white' : 'border-line bg-surface text-text-2';
  return useCaps(keys).map((cap) => (
    <span
      key={cap}
      aria-hidden="true"
      className={`inline-flex h-5 min-w-5 items-center justify-center rounded-[5px] border px-1 font-sans text-tiny ${ink} max-sm:hidden`}
    >
      {cap}
    </span>
  ));
}
