import { useEffect, useRef, useState } from 'react';

const quietMs = 10_000;

/** Says something new to whoever listens, at most once in ten seconds. What was there when the page opened is no news. */
export function Announce({ says }: { readonly says: string }) {
  const [said, setSaid] = useState('');
  const first = useRef(says);
  const lastAt = useRef(0);
  useEffect(() => {
    if (says === '' || says === first.current) return;
    first.current = '';
    const wait = Math.max(0, lastAt.current + quietMs - performance.now());
    const timer = setTimeout(() => {
      lastAt.current = performance.now();
      setSaid(says);
    }, wait);
    return () => clearTimeout(timer);
  }, [says]);
  return (
    <p aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
