import type { LiveEvent } from '@ambit/protocol';
import { AmbitRefusal } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { desktopNotices } from './desktop-notices.ts';
import { isOver, type Session } from './session.ts';
import { usePlane, useSession } from './session-provider.tsx';

/** Whether what changes is heard as it happens. `asking`: the plane refused the stream, so everything is read again and again. */
export type LiveState =
  | { readonly is: 'opening' | 'live' | 'lost' }
  | { readonly is: 'asking'; readonly because: string };

/** The first words of names in `useRead` that an event makes new. */
const renewed: Readonly<Record<LiveEvent['type'], readonly string[] | 'everything'>> = {
  open: 'everything',
  approval: ['approvals', 'me'],
  line: ['runs', 'log'],
  task: ['tasks', 'runs', 'me', 'agents'],
  agent: ['agents', 'me'],
  catalog: ['catalog'],
  policy: ['policies'],
  proposal: ['proposals'],
  log: ['log'],
  gap: 'everything',
  end: [],
};

const askAgainMs = 5000;
/** Many things happen at once: what is shown is made new once for all of them. */
const togetherMs = 100;

let state: LiveState = { is: 'opening' };
const listeners = new Set<() => void>();

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

function become(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

/**
 * Keeps what is shown as it is at the plane, while anybody can see it: a page in the background lets go of its connection, of
 * which a browser has few, and reads everything again when it comes back. Where it is to tell of questions, it holds on.
 */
export function useLive(): void {
  const session = usePlane();
  const { exit, tryAgain } = useSession();
  const queries = useQueryClient();
  useEffect(() => {
    let stop = new AbortController();
    const renew = together((words) => {
      const isMeant = (word: unknown) => words === 'everything' || words.includes(String(word));
      void queries.invalidateQueries({ predicate: ({ queryKey }) => isMeant(queryKey[1]) });
    });
    const follow = () => {
      stop.abort();
      stop = new AbortController();
      if (document.visibilityState !== 'visible' && desktopNotices.state() !== 'on') return;
      const { signal } = stop;
      hear(session, signal, renew).then(
        (because) => {
          if (because === 'signed-out') void exit();
          if (because === 'roles') tryAgain();
        },
        (error: unknown) => {
          if (isOver(error)) void exit();
          else if (!signal.aborted) askAgain(error, signal, () => renew('everything'));
        },
      );
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stop.abort();
    };
  }, [session, queries, exit, tryAgain]);
}

type Renew = (words: readonly string[] | 'everything') => void;

/** Ends with why the plane ended the stream for good; `null` where we did. */
async function hear({ operator }: Session, signal: AbortSignal, renew: Renew): Promise<'signed-out' | 'roles' | null> {
  for await (const { event } of operator.live({ signal })) {
    if (event.type === 'lost') {
      become({ is: 'lost' });
      // The stream may be refused while everything else answers: what is shown is no older than this.
      renew('everything');
    } else if (event.type === 'end' && event.because !== 'plane') return event.because;
    else {
      become({ is: 'live' });
      renew(renewed[event.type]);
    }
  }
  return null;
}

/** Where the plane gives no stream, it is asked: and the page says so. */
function askAgain(error: unknown, signal: AbortSignal, renew: () => void): void {
  become({ is: 'asking', because: error instanceof AmbitRefusal ? error.says : String(error) });
  const timer = setInterval(renew, askAgainMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}

function together(run: Renew): Renew {
  let waiting: Set<string> | 'everything' = new Set();
  let isSoon = false;
  return (words) => {
    if (words === 'everything' || waiting === 'everything') waiting = 'everything';
    else for (const word of words) waiting.add(word);
    if (isSoon) return;
    isSoon = true;
    setTimeout(() => {
      isSoon = false;
      const all = waiting === 'everything' ? waiting : [...waiting];
      waiting = new Set();
      run(all);
    }, togetherMs);
  };
}
