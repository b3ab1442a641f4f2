import { WifiOff } from 'lucide-react';
import { useReach } from '../plane/reach.ts';
import { readTime } from './read-time.ts';

/** Stands over every page while the plane cannot be reached. */
export function OfflineBar() {
  const { lostSince } = useReach();
  return (
    <div role="alert">
      {lostSince !== null && (
        <p className="flex flex-wrap items-center gap-x-2 border-ask-line border-b bg-ask-soft px-4 py-2 text-interface">
          <WifiOff aria-hidden="true" className="size-4 shrink-0 text-ask" />
          <strong className="font-semibold">Not connected since {readTime.minute(lostSince)}.</strong>
          <span>You see what was true then. Answers and endings are off until the page is live again.</span>
        </p>
      )}
    </div>
  );
}
