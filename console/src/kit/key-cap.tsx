/** A key, as it is printed on a keyboard. A hint for the eye: screen readers hear of keys by `aria-keyshortcuts`. */
export function KeyCap({ keys, isOnFill = false }: { readonly keys: string; readonly isOnFill?: boolean }) {
  const ink = isOnFill ? 'border-white/45 text-white' : 'border-line bg-surface text-text-2';
  return (
    <span
      aria-hidden="true"
      className={`inline-flex h-5 min-w-5 items-center justify-center rounded-[5px] border px-1 font-sans text-tiny ${ink} max-sm:hidden`}
    >
      {keys}
    </span>
  );
}
