import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { isLost, subscribe } from './reach.ts';

const everyMs = 3000;

/** Keeps what is shown as it is at the plane: what is on the page is read again every three seconds, and when the line is back. */
export function useLive(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const renew = () => {
      if (!isLost() && document.visibilityState === 'visible') void queries.invalidateQueries();
    };
    const timer = setInterval(renew, everyMs);
    const stop = subscribe(renew);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [queries]);
}
