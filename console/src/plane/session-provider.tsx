import { AmbitRefusal } from '@ambit/sdk/operator';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { putUp } from './put-up.ts';
import { queries } from './queries.ts';
import { planeNow } from './reach.ts';
import { leave, resumeSession, type Session } from './session.ts';

/** Who sits here: nobody knows yet, nobody, somebody; or the plane could not be asked. */
export type SessionState =
  | { readonly is: 'opening' }
  | { readonly is: 'out'; readonly since: number | null }
  | { readonly is: 'in'; readonly session: Session }
  | { readonly is: 'failed'; readonly error: unknown };

type Known = {
  readonly state: SessionState;
  readonly enter: (session: Session) => void;
  /** Signs out, or takes note that the plane did. */
  readonly exit: () => Promise<void>;
  readonly tryAgain: () => void;
};

const SessionContext = createContext<Known | null>(null);

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<SessionState>({ is: 'opening' });
  const resume = useCallback(() => {
    setState({ is: 'opening' });
    resumeSession().then(
      (session) => setState(session === null ? { is: 'out', since: null } : { is: 'in', session }),
      (error: unknown) => setState({ is: 'failed', error }),
    );
  }, []);
  useEffect(resume, [resume]);
  const known = useMemo<Known>(
    () => ({
      state,
      enter: (session) => setState({ is: 'in', session }),
      async exit() {
        setState({ is: 'out', since: planeNow() });
        queries.clear();
        putUp.forget();
        if (state.is === 'in') await leave(state.session).catch(throwUnlessOfPlane);
      },
      tryAgain: resume,
    }),
    [state, resume],
  );
  return <SessionContext value={known}>{children}</SessionContext>;
}

/** What the plane refused, ended before or did not hear ends there by its time: nobody has the key that it is bound to any more. */
function throwUnlessOfPlane(error: unknown): void {
  if (!(error instanceof AmbitRefusal || error instanceof TypeError)) throw error;
}

export function useSession(): Known {
  const known = useContext(SessionContext);
  if (known === null) throw new Error('useSession is for what stands inside of SessionProvider');
  return known;
}

/** The people's API, and who asks it. Only for what is shown to somebody who is signed in. */
export function usePlane(): Session {
  const { state } = useSession();
  if (state.is !== 'in') throw new Error('usePlane is for pages of people who are signed in');
  return state.session;
}
