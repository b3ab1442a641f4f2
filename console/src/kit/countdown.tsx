import { readDuration, readTime } from './read-time.ts';
import { useNow } from './use-now.ts';

type CountdownProps = { readonly from: number; readonly to: number; readonly isShort?: boolean };

const urgentMs = 60_000;

/** What is left until an end that it names, on the plane's clock. The ring only draws what the words say. */
export function Countdown({ from, to, isShort = false }: CountdownProps) {
  const left = Math.max(0, to - useNow());
  const isUrgent = left < urgentMs;
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <Ring part={left / Math.max(1, to - from)} isUrgent={isUrgent} />
      <span>
        <strong className={`font-semibold tabular-nums ${isUrgent ? 'text-deny' : ''}`}>{readDuration(left)}</strong>{' '}
        <span className="text-text-2">{isShort ? 'left' : `left, until ${readTime.minute(to)}`}</span>
      </span>
    </span>
  );
}

function Ring({ part, isUrgent }: { readonly part: number; readonly isUrgent: boolean }) {
  const round = 2 * Math.PI * 6.5;
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" className="-rotate-90 shrink-0">
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="var(--line)" strokeWidth="2.5" />
      <circle
        cx="8"
        cy="8"
        r="6.5"
        fill="none"
        stroke={isUrgent ? 'var(--deny)' : 'var(--ask)'}
        strokeWidth="2.5"
        strokeDasharray={`${Math.min(1, Math.max(0, part)) * round} ${round}`}
      />
    </svg>
  );
}
