import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Menu, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { type Key, useKeys } from '../kit/keys.ts';
import { KeysSheet } from '../kit/keys-sheet.tsx';
import { OfflineBar } from '../kit/offline-bar.tsx';
import { ErrorState, Loading } from '../kit/states.tsx';
import { useDesktopNotices } from '../plane/desktop-notices.ts';
import { useLive } from '../plane/live.ts';
import { useSession } from '../plane/session-provider.tsx';
import { AmbitMark } from './ambit-mark.tsx';
import { openPlaces, pathOf } from './open-places.ts';
import { Sidebar } from './sidebar.tsx';
import { ToSignIn } from './to-sign-in.tsx';
import { useWaiting } from './use-waiting.ts';
import { WaitsBar } from './waits-bar.tsx';

/** What stands around every page of a person who is signed in. */
export function Shell() {
  const { state, tryAgain } = useSession();
  if (state.is === 'opening') return <Loading />;
  if (state.is === 'failed')
    return <ErrorState what="Ambit could not be asked who you are." error={state.error} onTryAgain={tryAgain} />;
  if (state.is === 'out') return <ToSignIn since={state.since} />;
  return <SignedIn />;
}

function SignedIn() {
  const [isOpen, setOpen] = useState(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(() => setOpen(path === ''), [path]);
  useLive();
  useGoKeys();
  useDesktopNotices(useWaiting());
  return (
    <div className="flex h-full flex-col">
      <a
        href="#content"
        className="absolute -top-20 left-2 z-30 rounded-control bg-accent-fill px-3 py-2 text-white focus:top-2"
      >
        Skip to the content
      </a>
      <OfflineBar />
      <WaitsBar />
      <div className="flex min-h-0 flex-1 max-sm:flex-col">
        <header className="flex items-center gap-1 border-line border-b px-2 py-1 has-[+*+main_[data-fills-phone]]:hidden sm:hidden">
          <Button
            look="quiet"
            size="large"
            aria-expanded={isOpen}
            aria-controls="sidebar"
            className="min-w-12 px-0"
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? <X aria-hidden="true" className="size-5" /> : <Menu aria-hidden="true" className="size-5" />}
            <span className="sr-only">{isOpen ? 'Close the menu' : 'Open the menu'}</span>
          </Button>
          <AmbitMark />
          <span className="font-semibold">Ambit</span>
        </header>
        <Sidebar isOpen={isOpen} />
        <main
          id="content"
          tabIndex={-1}
          className={`min-h-0 min-w-0 flex-1 overflow-y-auto bg-surface outline-none ${isOpen ? 'max-sm:hidden' : ''}`}
        >
          <Outlet />
        </main>
      </div>
      <KeysSheet />
    </div>
  );
}

/** `G` and a letter go to a page of the sidebar. */
function useGoKeys(): void {
  const navigate = useNavigate();
  useKeys(
    openPlaces.flatMap((place): Key[] =>
      place.letter === undefined
        ? []
        : [{ keys: `g ${place.letter}`, says: place.title, run: () => void navigate({ to: pathOf(place) }) }],
    ),
  );
}
