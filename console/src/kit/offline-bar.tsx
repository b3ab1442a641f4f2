import { WifiOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { isReached, useReach } from '../plane/reach.ts';
import { readTime } from './read-time.ts';

/** Stands over every page while the plane cannot be reached. */
export function OfflineBar() {
  const { lostSince } = useReach();
  const isBack = useJustBack(lostSince !== null);
  useEffect(askWhenTheLineChanges, []);
  return (
    <div role="alert">
      {lostSince !== null && (
        <p className="flex flex-wrap items-center gap-x-2 border-ask-line border-b bg-ask-soft px-4 py-2 text-interface">
          <WifiOff aria-hidden="true" className="size-4 shrink-0 text-ask" />
          <strong className="font-semibold">Not connected since {readTime.minute(lostSince)}.</strong>
          <span>You see what was true then. Answers and endings are off until the page is live again.</span>
        </p>
      )}
      {isBack && (
        <p className="border-permit-line border-b bg-permit-soft px-4 py-2 text-interface">
          <strong className="font-semibold">Live again.</strong> What you see is as it is now.
        </p>
      )}
    </div>
  );
}

/** The browser knows of a cut line before an open stream does. Whether the plane is reached, the plane alone tells. */
function askWhenTheLineChanges(): () => void {
  const ask = () => void isReached();
  window.addEventListener('offline', ask);
  window.addEventListener('online', ask);
  return () => {
    window.removeEventListener('offline', ask);
    window.removeEventListener('online', ask);
  };
}

const backMs = 6000;

function useJustBack(isLost: boolean): boolean {
  const [isBack, setBack] = useState(false);
  const wasLost = useRef(false);
  useEffect(() => {
    const comesBack = wasLost.current && !isLost;
    wasLost.current = isLost;
    setBack(comesBack);
    if (!comesBack) return;
    const timer = setTimeout(() => setBack(false), backMs);
    return () => clearTimeout(timer);
  }, [isLost]);
  return isBack;
}
