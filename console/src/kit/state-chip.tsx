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

/** What a word of the plane is for people, where it reads as something else. */
const words: Readonly<Record<'agent' | 'task', Readonly<Record<string, string>>>> = {
  agent: {},
  task: { active: 'Under way', approved: 'Not taken yet' },
};

type StateChipProps = { readonly of: 'agent' | 'task'; readonly state: string };

/** How an agent or a task stands: a word, and a dot beside it. */
export function StateChip({ of, state }: StateChipProps) {
  return (
    <span className="inline-flex h-5 items-center gap-1.5 rounded-chip border border-line px-1.5 text-caption text-text-2">
      <span aria-hidden="true" className={`drawn size-1.5 rounded-full ${dots[tones[state] ?? 'over']}`} />
      <span className="inline-block first-letter:uppercase">{words[of][state] ?? state}</span>
    </span>
  );
}
