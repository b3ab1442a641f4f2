import { Navigate, useSearch } from '@tanstack/react-router';
import { FingerprintPattern } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Attempt, TextField } from '../../kit/form.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { readTime } from '../../kit/read-time.ts';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { peopleOrigin } from '../../plane/reach.ts';
import { enrol, hasNoName, signIn } from '../../plane/session.ts';
import { useSession } from '../../plane/session-provider.tsx';
import {
  type KnownProvider,
  knownProvider,
  startThroughProvider,
  type WayToProvider,
} from '../../plane/through-provider.ts';
import { AmbitMark } from '../../shell/ambit-mark.tsx';

export function Page() {
  const { state, tryAgain } = useSession();
  const { next, since, provider } = useSearch({ strict: false }) as Readonly<Record<string, string | undefined>>;
  if (state.is === 'in') return <Navigate to={ownAddress(next)} replace />;
  return (
    <main className="mx-auto grid max-w-md content-start gap-5 px-4 py-[10vh]">
      <AmbitMark size={36} />
      <PageTitle tab="Sign in" isSentence>
        Sign in to Ambit
      </PageTitle>
      {since !== undefined && /^\d{13}$/.test(since) && <p>You were signed out at {readTime.minute(Number(since))}.</p>}
      {state.is === 'opening' && <Loading />}
      {state.is === 'failed' && (
        <ErrorState what="Ambit could not be asked who you are." error={state.error} onTryAgain={tryAgain} />
      )}
      {state.is === 'out' && <Ways provider={provider} next={ownAddress(next)} />}
    </main>
  );
}

/** An address of this console, whatever the link said. */
const ownAddress = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/inbox';

const noticeLook = 'rounded-card border border-ask-line bg-ask-soft p-4 text-interface wrap-anywhere';

function NoName({ people }: { readonly people: string }) {
  const named = `http://localhost:${new URL(people).port}`;
  return (
    <p role="alert" className={noticeLook}>
      Passkeys belong to a name, and Ambit was told that people open it by an address,{' '}
      <code className="code">{people}</code>. Set <code className="code">AMBIT_PEOPLE_ORIGIN</code> to the name that
      people open, such as <code className="code">{named}</code>, start Ambit again and open it there.
    </p>
  );
}

/** What is proved here is proved for another origin than the plane's own: it would take none of it. */
function Elsewhere({ people }: { readonly people: string }) {
  return (
    <p role="alert" className={noticeLook}>
      Nobody can sign in at <code className="code">{location.origin}</code>: people open this Ambit at{' '}
      <a className="text-accent underline" href={people + location.pathname + location.search}>
        {people}
      </a>
      . Where that is wrong, set <code className="code">AMBIT_PEOPLE_ORIGIN</code> to the origin that people open, and
      start Ambit again.
    </p>
  );
}

type WaysProps = { readonly provider: string | undefined; readonly next: string };

/** What people can sign in by, where they can. */
function Ways(props: WaysProps) {
  const [people, setPeople] = useState<string | null>(null);
  useEffect(() => {
    void peopleOrigin().then((said) => setPeople(said ?? location.origin));
  }, []);
  if (people === null) return <Loading />;
  if (hasNoName(people)) {
    return (
      <>
        <NoName people={people} />
        {people === location.origin && <ThroughProvider {...props} />}
      </>
    );
  }
  if (people !== location.origin) return <Elsewhere people={people} />;
  return <WithPasskeys {...props} />;
}

function WithPasskeys(props: WaysProps) {
  const [isNew, setNew] = useState(false);
  return (
    <>
      <ByPasskey look={isNew ? 'outlined' : 'filled'} />
      <ThroughProvider {...props} />
      {isNew ? (
        <ByCode />
      ) : (
        <Button look="quiet" className="-mx-3 justify-self-start" onClick={() => setNew(true)}>
          I have a one-time code
        </Button>
      )}
    </>
  );
}

function ThroughProvider({ provider, next }: WaysProps) {
  const [known, setKnown] = useState<KnownProvider | null>(null);
  useEffect(() => {
    void knownProvider(provider).then(setKnown);
  }, [provider]);
  return known === null ? null : <ByProvider key={known.id} known={known} next={next} />;
}

/** Anybody may write such a link, also to a provider of their own: where it leads is said before the browser goes there. */
function ByProvider({ known, next }: { readonly known: KnownProvider; readonly next: string }) {
  const [way, setWay] = useState<WayToProvider | null>(null);
  const says =
    way === null
      ? 'Or through your organisation’s provider. To answer questions you still need a passkey.'
      : `This link leads to ${way.host}. Go on only if that is where your organisation signs in.`;
  return (
    <Attempt
      says={says}
      failed="The provider could not be asked."
      run={async () => {
        if (way !== null) return way.go();
        const found = await startThroughProvider(known.id, next);
        return known.isUsed ? found.go() : setWay(found);
      }}
    >
      {(isBusy) => (
        <Button type="submit" size="large" disabled={isBusy} className="justify-self-start">
          {isBusy ? 'Going there…' : way === null ? 'Go to the provider' : `Go to ${way.host}`}
        </Button>
      )}
    </Attempt>
  );
}

function ByPasskey({ look }: { readonly look: 'filled' | 'outlined' }) {
  const { enter } = useSession();
  return (
    <Attempt
      says="Your device asks for your fingerprint, face or PIN. It may be another device, too."
      failed="You are not signed in."
      run={async () => enter(await signIn())}
    >
      {(isBusy) => (
        <Button type="submit" look={look} size="large" disabled={isBusy} className="justify-self-start">
          <FingerprintPattern aria-hidden="true" className="size-4" />
          {isBusy ? 'Asking your passkey…' : 'Use passkey'}
        </Button>
      )}
    </Attempt>
  );
}

/** The first passkey of a person, or one more. */
function ByCode() {
  const { enter } = useSession();
  const [code, setCode] = useState('');
  const [label, setLabel] = useState(deviceName());
  return (
    <section className="grid gap-3 border-line border-t pt-5">
      <h2 className="text-section">Make a passkey</h2>
      <Attempt
        says="An administrator hands out the code. It works once, and your device makes a passkey that never leaves it."
        failed="No passkey was enrolled."
        run={async () => {
          await enrol(code.trim(), label.trim());
          enter(await signIn());
        }}
      >
        {(isBusy) => (
          <>
            <TextField
              label="One-time code"
              value={code}
              onChange={setCode}
              autoComplete="one-time-code"
              isCode
              required
            />
            <TextField label="What this passkey is called" value={label} onChange={setLabel} maxLength={60} required />
            <Button type="submit" look="filled" size="large" disabled={isBusy} className="justify-self-start">
              {isBusy ? 'Asking your device…' : 'Make a passkey'}
            </Button>
          </>
        )}
      </Attempt>
    </section>
  );
}

/** What the device is, as far as the browser says. A person may call it otherwise. */
function deviceName(): string {
  const found = /iPhone|iPad|Android|Macintosh|Windows|Linux/.exec(navigator.userAgent)?.[0] ?? 'this device';
  return found === 'Macintosh' ? 'Mac' : found;
}
