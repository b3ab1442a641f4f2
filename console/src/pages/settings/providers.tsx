import type { SignInProvider } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, TextField } from '../../kit/form.tsx';
import { Id } from '../../kit/id.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { Groups } from './groups.tsx';
import { Row, Rows, Section } from './section.tsx';

/** OpenID providers through which people sign in, and what their groups give. */
export function Providers() {
  const found = useRead(['providers', 'list'], ({ operator }) => operator.signInProviders.list());
  return (
    <Section
      title="Sign-in through a provider"
      says="A sign-in through a provider is as good as the provider. Answers need a passkey all the same."
    >
      {found.isPending && <Loading />}
      {found.isError && found.data === undefined && (
        <ErrorState what="The providers could not be loaded." error={found.error} onTryAgain={found.refetch} />
      )}
      {found.data?.length === 0 && <EmptyState title="No provider yet.">People sign in with passkeys.</EmptyState>}
      {found.data !== undefined && found.data.length > 0 && (
        <Rows label="Providers">
          {found.data.map((one) => (
            <ProviderRow key={one.id} provider={one} />
          ))}
        </Rows>
      )}
      <Register />
    </Section>
  );
}

function ProviderRow({ provider }: { readonly provider: SignInProvider }) {
  const [isEnding, setEnding] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const shown = useRead(['providers', 'one', provider.id], ({ operator: plane }) =>
    plane.signInProviders.show(provider.id),
  );
  return (
    <>
      <Row
        name={<Foreign inline text={provider.name} />}
        about={
          <span className="grid gap-1">
            <span className="code">{provider.issuer}</span>
            <span>
              People begin at <Id id={`${location.origin}/sign-in?provider=${provider.id}`} label="Copy the address" />
            </span>
            <span>
              Register there as redirect URI: <Id id={provider.redirectUri} label="Copy the redirect URI" />
            </span>
            <span>
              {provider.emailDomains.length === 0
                ? 'People are linked by hand.'
                : `Verified addresses of ${provider.emailDomains.join(', ')} find their person.`}{' '}
              {shown.data !== undefined && `${shown.data.persons.length} people are linked.`}
            </span>
          </span>
        }
      >
        <Button aria-expanded={isOpen} disabled={shown.data === undefined} onClick={() => setOpen(!isOpen)}>
          Groups
          <span className="font-normal tabular-nums">{shown.data?.groups.length}</span>
        </Button>
        <Button look="danger-outlined" onClick={() => setEnding(true)}>
          Remove…
        </Button>
      </Row>
      {isOpen && shown.data !== undefined && <Groups provider={provider} groups={shown.data.groups} />}
      {isEnding && (
        <EndConfirm
          title={
            <>
              Remove <Foreign inline text={provider.name} />
            </>
          }
          confirm="Remove it"
          onClose={() => setEnding(false)}
          run={({ operator }) => operator.signInProviders.remove(provider.id)}
        >
          <p>
            Sessions that it opened end, {shown.data?.persons.length ?? 'all'} people are unlinked, and what its{' '}
            {shown.data?.groups.length ?? ''} groups gave is gone.
          </p>
        </EndConfirm>
      )}
    </>
  );
}

function Register() {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <NewProvider onDone={() => setOpen(false)} />;
  return (
    <Button className="justify-self-start" onClick={() => setOpen(true)}>
      Add a provider…
    </Button>
  );
}

function NewProvider({ onDone }: { readonly onDone: () => void }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [issuer, setIssuer] = useState('');
  const [clientId, setClientId] = useState('');
  const [secret, setSecret] = useState('');
  const [domains, setDomains] = useState('');
  const [claim, setClaim] = useState('');
  return (
    <Attempt
      failed="No provider was added."
      run={async () => {
        const emailDomains = domains.split(/[\s,]+/).filter((one) => one !== '');
        const proof = secret === '' ? {} : { clientAuth: 'client_secret_basic' as const, secret };
        await operator.signInProviders.set({
          name: name.trim(),
          issuer: issuer.trim(),
          clientId: clientId.trim(),
          emailDomains,
          ...proof,
          ...(claim.trim() !== '' && { groupsClaim: claim.trim() }),
        });
        await queries.invalidateQueries();
      }}
      onDone={onDone}
    >
      {(isBusy) => (
        <div className="grid max-w-xl gap-4">
          <TextField label="What it is called" value={name} onChange={setName} required maxLength={64} />
          <TextField
            label="Issuer"
            hint="As it says it itself, letter by letter."
            value={issuer}
            onChange={setIssuer}
            isCode
            required
            placeholder="https://login.example"
          />
          <TextField label="Client id" value={clientId} onChange={setClientId} isCode required />
          <TextField
            label="Client secret"
            hint="Left empty, Ambit makes a key of its own, whose public half you register there."
            value={secret}
            onChange={setSecret}
            isSecret
          />
          <TextField
            label="Domains of addresses"
            hint="Verified addresses of these domains find the person of that address."
            value={domains}
            onChange={setDomains}
            isCode
          />
          <TextField
            label="Claim that lists groups"
            hint="Left empty, groups give nothing."
            value={claim}
            onChange={setClaim}
            isCode
            placeholder="groups"
          />
          <Button type="submit" disabled={isBusy} className="justify-self-start">
            Add the provider
          </Button>
        </div>
      )}
    </Attempt>
  );
}
