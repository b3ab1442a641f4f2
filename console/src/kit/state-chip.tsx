type Tone = 'live' | 'stopped' | 'waiting' | 'over';

const dots: Readonly<Record<Tone, string>> = {
  live: 'bg-permit',
  stopped: 'bg-deny',
  waiting: 'bg-ask',
  over: 'bg-line-strong',
};
const tones: Readonly<Record<string, Tone>> = {
  active: 'live',
  suspended: 'stopped',
  revoked: 'stopped',
  draft: 'waiting',
  requested: 'waiting',
  approved: 'waiting',
};

/** How something stands: a word, and a dot beside it. */
export function StateChip({ state }: { readonly state: string }) {
  return (
    <span className="inline-flex h-5 items-center gap-1.5 rounded-chip border border-line px-1.5 text-caption text-text-2">
      <span aria-hidden="true" className={`size-1.5 rounded-full ${dots[tones[state] ?? 'over']}`} />
      <span className="inline-block first-letter:uppercase">{state === 'approved' ? 'not taken yet' : state}</span>
    </span>
  );
}
