import type { EnrolmentCode, PersonKey } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, TextField } from '../../kit/form.tsx';
import { Id } from '../../kit/id.tsx';
import { readTime } from '../../kit/read-time.ts';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { When } from '../../kit/when.tsx';
import { enrol, hasNoName, ways } from '../../plane/session.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { Row, Rows, Section } from './section.tsx';

/** One's own keys, and the one that signs the log. */
export function Keys() {
  const me = useRead(['me', 'keys'], ({ operator }) => operator.me());
  const own = (me.data?.keys ?? []).filter(({ state }) => state === 'active');
  return (
    <>
      <Section
        title="Your keys"
        says="Each of them is you. A passkey proves that you were there; a key of the command line proves itself only."
      >
        {me.isPending && <Loading />}
        {me.isError && me.data === undefined && (
          <ErrorState what="Your keys could not be loaded." error={me.error} onTryAgain={me.refetch} />
        )}
        {me.data !== undefined && own.length === 0 && (
          <EmptyState title="You have no key yet.">
            You signed in through a provider. To answer questions you need a passkey.
          </EmptyState>
        )}
        {own.length > 0 && (
          <Rows label="Your keys">
            {own.map((key) => (
              <KeyRow key={key.id} shown={key} isLast={own.length === 1} />
            ))}
          </Rows>
        )}
        {me.data !== undefined && <AddPasskey isFirst={own.length === 0} />}
      </Section>
      <CommandLine />
      <LogKey />
    </>
  );
}

function KeyRow({ shown, isLast }: { readonly shown: PersonKey; readonly isLast: boolean }) {
  const [isEnding, setEnding] = useState(false);
  return (
    <>
      <Row
        name={<Foreign inline text={shown.label} />}
        about={
          <>
            {shown.passkey === null
              ? 'key of the command line'
              : shown.passkey.isBackedUp
                ? 'passkey, synced'
                : 'passkey of one device'}
            , added <When at={shown.addedAt} as="day" />. <Id id={shown.thumbprint} label="Copy the thumbprint" />
          </>
        }
      >
        <Button look="danger-outlined" onClick={() => setEnding(true)}>
          Revoke…
        </Button>
      </Row>
      {isEnding && (
        <EndConfirm
          title={
            <>
              Revoke “<Foreign inline text={shown.label} />”
            </>
          }
          confirm="Revoke it"
          onClose={() => setEnding(false)}
          run={({ operator }) => operator.persons.revokeKey(shown.id)}
        >
          <p>Sessions that it opened end, this one among them if it did. What it signed stays signed.</p>
          {isLast && (
            <p className="font-medium text-deny">
              It is your last key. An administrator would have to issue a code for another.
            </p>
          )}
        </EndConfirm>
      )}
    </>
  );
}

function AddPasskey({ isFirst }: { readonly isFirst: boolean }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  if (hasNoName(location.origin))
    return <p className="text-interface text-text-2">Passkeys belong to a name: open this page at one to add any.</p>;
  return (
    <Attempt
      says={
        isFirst
          ? 'Within five minutes of signing in through a provider you may bring your first key.'
          : 'Your device asks twice: to make it, and with a key you have to say that it is yours.'
      }
      failed="No passkey was added."
      run={async () => {
        if (isFirst) await enrol((await operator.persons.issueOwnCode()).code, label.trim());
        else await operator.passkeys.add({ credentials: ways().credentials, label: label.trim() });
        setLabel('');
        await queries.invalidateQueries();
      }}
    >
      {(isBusy) => (
        <div className="grid max-w-xl gap-3">
          <TextField
            label="What the passkey is called"
            value={label}
            onChange={setLabel}
            required
            maxLength={60}
            placeholder="MacBook"
          />
          <Button type="submit" look="filled" disabled={isBusy} className="justify-self-start">
            {isBusy ? 'Asking your device…' : 'Add a passkey'}
          </Button>
        </div>
      )}
    </Attempt>
  );
}

function CommandLine() {
  const { operator, me } = usePlane();
  const [code, setCode] = useState<EnrolmentCode | null>(null);
  const isOff = !me.roles.includes('administrator');
  const reason = useId();
  return (
    <Section
      title="A key for the command line"
      says="The key is made by the command, on the machine where it is used. It is brought here by a one-time code."
    >
      <p className="code rounded-card border border-line bg-sunken p-3 wrap-anywhere">
        ambit enrol --url {location.origin}
      </p>
      {code !== null && (
        <ShownOnce title="Your one-time code" value={code.code}>
          Good until {readTime.minute(code.expiresAt)}, shown this once. The command asks for it.
        </ShownOnce>
      )}
      <Attempt failed="No code was issued." run={async () => setCode(await operator.persons.issueCode(me.id))}>
        {(isBusy) => (
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" offBy={isOff ? reason : null} disabled={isBusy}>
              Issue a one-time code
            </Button>
            {isOff && (
              <span id={reason} className="text-caption text-text-2">
                Only a person with the role administrator issues codes: ask one for it.
              </span>
            )}
          </div>
        )}
      </Attempt>
    </Section>
  );
}

function LogKey() {
  const checkpoint = useRead(['log', 'checkpoint'], ({ operator }) => operator.log.checkpoint());
  return (
    <Section
      title="The key of the log"
      says="Whoever verifies the log needs it from elsewhere too: keep it where nobody who runs Ambit can change it."
    >
      {checkpoint.isPending && <Loading />}
      {checkpoint.isError && checkpoint.data === undefined && (
        <ErrorState what="The key could not be loaded." error={checkpoint.error} onTryAgain={checkpoint.refetch} />
      )}
      {checkpoint.data !== undefined && (
        <p className="rounded-card border border-line bg-surface p-3">
          <Id id={checkpoint.data.key} label="Copy the key" />
        </p>
      )}
    </Section>
  );
}
