export type Decision = 'permit' | 'ask' | 'deny';

const words: Readonly<Record<Decision, string>> = { permit: 'Permit', ask: 'Ask', deny: 'Deny' };
const inks: Readonly<Record<Decision, string>> = { permit: 'text-permit', ask: 'text-ask', deny: 'text-deny' };
const grounds: Readonly<Record<Decision, string>> = {
  permit: 'border-permit-line bg-permit-soft text-permit',
  ask: 'border-ask-line bg-ask-soft text-ask',
  deny: 'border-deny-line bg-deny-soft text-deny',
};

/** A decision: its shape, its word, then its colour. */
export function DecisionChip({ decision, says }: { readonly decision: Decision; readonly says?: string }) {
  return (
    <span
      className={`inline-flex h-[22px] items-center gap-1.5 rounded-chip border pr-2 pl-1.5 font-medium text-caption ${grounds[decision]}`}
    >
      <DecisionMark decision={decision} />
      {says ?? words[decision]}
    </span>
  );
}

/** The shape alone, where the word stands beside it anyway. */
export function DecisionMark({ decision, size = 14 }: { readonly decision: Decision; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`shrink-0 ${inks[decision]} forced-colors:text-[CanvasText]`}
    >
      {shapes[decision]}
    </svg>
  );
}

const ground = 'var(--surface)';
const shapes = {
  permit: (
    <>
      <circle cx="8" cy="8" r="7.5" fill="currentColor" />
      <path d="M4.8 8.3 7 10.5l4.3-4.7" fill="none" stroke={ground} strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  ask: (
    <>
      <rect x="2.7" y="2.7" width="10.6" height="10.6" rx="1.2" transform="rotate(45 8 8)" fill="currentColor" />
      <path
        d="M6.3 6.4c.1-1 .8-1.5 1.7-1.5 1 0 1.7.6 1.7 1.4 0 1.2-1.6 1.2-1.6 2.5"
        fill="none"
        stroke={ground}
        strokeWidth="1.5"
        strokeLinecap="round"
      />
      <circle cx="8.1" cy="10.9" r=".95" fill={ground} />
    </>
  ),
  deny: (
    <>
      <path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z" fill="currentColor" />
      <rect x="4" y="7" width="8" height="2" rx="1" fill={ground} />
    </>
  ),
};
