import { Navigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { readTime } from '../../kit/read-time.ts';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { enterWithCode } from '../../plane/session.ts';
import { useSession } from '../../plane/session-provider.tsx';
import { AmbitMark } from '../../shell/ambit-mark.tsx';

export function Page() {
  const { state, tryAgain } = useSession();
  const { next, since } = useSearch({ strict: false }) as { readonly next?: string; readonly since?: string };
  if (state.is === 'in') return <Navigate to={ownAddress(next)} replace />;
  return (
    <main className="mx-auto grid max-w-md gap-6 px-4 py-[12vh]">
      <AmbitMark size={32} />
      <PageTitle tab="Sign in" isSentence>
        Sign in to Ambit
      </PageTitle>
      {since !== undefined && /^\d{13}$/.test(since) && <p>You were signed out at {readTime.minute(Number(since))}.</p>}
      {state.is === 'opening' && <Loading />}
      {state.is === 'failed' && (
        <ErrorState what="Ambit could not be asked who you are." error={state.error} onTryAgain={tryAgain} />
      )}
      {state.is === 'out' && <ByCode />}
    </main>
  );
}

/** An address of this console, whatever the link said. */
const ownAddress = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/inbox';

function ByCode() {
  const { enter } = useSession();
  const id = useId();
  const [code, setCode] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      enter(await enterWithCode(code.trim()));
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <label htmlFor={id} className="font-medium text-interface">
        One-time code
      </label>
      <p className="text-interface text-text-2">
        An administrator hands it out. It works once, and enrols this browser with a key that cannot leave it.
      </p>
      <input
        id={id}
        value={code}
        onChange={({ target }) => setCode(target.value)}
        autoComplete="one-time-code"
        spellCheck={false}
        required
        className="code min-h-10 rounded-control border border-line-strong bg-surface px-3"
      />
      <Button type="submit" look="filled" size="large" disabled={isBusy || code.trim() === ''}>
        {isBusy ? 'Enrolling…' : 'Enrol this browser'}
      </Button>
      {error !== null && <ErrorState what="You could not be signed in." error={error} />}
    </form>
  );
}
