import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { PageTitle } from '../../kit/page-title.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { useSession } from '../../plane/session-provider.tsx';
import { finishThroughProvider } from '../../plane/through-provider.ts';

/** Where the organisation's provider sends the browser back to. */
export function Page() {
  const { enter } = useSession();
  const navigate = useNavigate();
  const isBegun = useRef(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    // What came back is good once.
    if (isBegun.current) return;
    isBegun.current = true;
    finishThroughProvider(new URLSearchParams(location.search)).then(({ session, next }) => {
      enter(session);
      void navigate({ to: next, replace: true });
    }, setError);
  }, [enter, navigate]);
  return (
    <main className="mx-auto grid max-w-md content-start gap-5 px-4 py-[10vh]">
      <PageTitle tab="Sign in" isSentence>
        {error === null ? 'Signing you in' : 'You are not signed in'}
      </PageTitle>
      {error === null ? (
        <Loading />
      ) : (
        <>
          <ErrorState what="What the provider sent did not open a session." error={error} />
          <Link to="/sign-in" className="text-accent underline">
            Begin again
          </Link>
        </>
      )}
    </main>
  );
}
