/** How a task stands, in a word. */
export function StateChip({ state }: { readonly state: string | null }) {
  if (state === null) return null;
  const isLive = state === 'active' || state === 'open' || state === 'approved';
  return (
    <span
      className={`inline-flex h-[22px] items-center rounded-chip border px-2 text-caption ${isLive ? 'border-accent-line bg-accent-soft text-accent' : 'border-line bg-surface text-text-2'}`}
    >
      {word(state)}
    </span>
  );
}

/** `active` reads as what it is for people: still under way. */
const word = (state: string): string =>
  state === 'active' ? 'Under way' : `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`;
