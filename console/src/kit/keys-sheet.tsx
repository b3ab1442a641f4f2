import { lazy, Suspense, useState } from 'react';
import { activeKeys, type Key, useKeys } from './keys.ts';

// It is loaded when somebody asks for it.
const KeysListed = lazy(async () => ({ default: (await import('./keys-listed.tsx')).KeysListed }));

/** `?`: every key that works on this page. */
export function KeysSheet() {
  const [shown, setShown] = useState<readonly Key[] | null>(null);
  useKeys([{ keys: '?', says: 'All keys', run: () => setShown(activeKeys().filter(({ isHidden }) => !isHidden)) }]);
  return <Suspense>{shown !== null && <KeysListed keys={shown} onClose={() => setShown(null)} />}</Suspense>;
}
