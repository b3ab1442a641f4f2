import type { Credential, CredentialKind } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, Choice, TextField } from '../../kit/form.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { When } from '../../kit/when.tsx';
import { LacksRole } from '../../plane/lacks-role.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { Row, Rows, Section } from './section.tsx';

/** Keys of the APIs behind Ambit. They go in, and never come out. */
export function Credentials() {
  const { me } = usePlane();
  const isOff = !me.roles.includes('administrator');
  const stored = useRead(['credentials', 'list'], ({ operator }) => operator.credentials.list(), { isOff });
  if (isOff) return <LacksRole lacks="administrator" what="see and store credentials" />;
  return (
    <>
      <Section
        title="Downstream credentials"
        says="Lent to calls that were decided, for the named addresses only. A secret goes in and never comes out: not here, not to agents."
      >
        {stored.isPending && <Loading />}
        {stored.isError && stored.data === undefined && (
          <ErrorState what="The credentials could not be loaded." error={stored.error} onTryAgain={stored.refetch} />
        )}
        {stored.data?.length === 0 && (
          <EmptyState title="No credential yet.">
            Calls to APIs that want one are refused there until it is stored.
          </EmptyState>
        )}
        {stored.data !== undefined && stored.data.length > 0 && (
          <Rows label="Credentials">
            {stored.data.map((one) => (
              <CredentialRow key={one.id} credential={one} />
            ))}
          </Rows>
        )}
      </Section>
      <Store />
    </>
  );
}

function CredentialRow({ credential }: { readonly credential: Credential }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [does, setDoes] = useState<'rotate' | 'disable' | null>(null);
  const [secret, setSecret] = useState('');
  const { id, name, kind, origins, api, state, version, createdAt, flaggedAt } = credential;
  return (
    <>
      <Row
        name={<Foreign inline text={name} />}
        about={
          <>
            {kind}, for{' '}
            <span className="code">
              <Foreign inline text={origins.join(' ')} />
            </span>
            {api !== null && <>, API {api}</>}, version {version}, stored <When at={Date.parse(createdAt)} as="day" />
            {state === 'disabled' && <strong className="font-medium text-deny">. Disabled</strong>}
            {flaggedAt !== null && (
              <strong className="block font-medium text-ask">
                The API sent the secret back in an answer. Rotate it.
              </strong>
            )}
          </>
        }
      >
        {state === 'active' && (
          <>
            {kind !== 'x509-svid' && kind !== 'jwt-svid' && (
              <Button onClick={() => setDoes(does === 'rotate' ? null : 'rotate')}>Rotate…</Button>
            )}
            <Button look="danger-outlined" onClick={() => setDoes('disable')}>
              Disable…
            </Button>
          </>
        )}
      </Row>
      {does === 'rotate' && (
        <li className="px-4 py-3">
          <Attempt
            says="The new secret counts at once. Answers are watched for the old one for another hour."
            failed="The secret was not replaced."
            run={async () => {
              await operator.credentials.rotate(id, secret, 3600);
              setSecret('');
              setDoes(null);
              await queries.invalidateQueries();
            }}
          >
            {(isBusy) => (
              <div className="grid max-w-xl gap-3">
                <TextField label="The new secret" value={secret} onChange={setSecret} isSecret required />
                <Button type="submit" disabled={isBusy} className="justify-self-start">
                  Replace the secret
                </Button>
              </div>
            )}
          </Attempt>
        </li>
      )}
      {does === 'disable' && (
        <EndConfirm
          title="Disable this credential for good"
          confirm="Disable it"
          reason="wanted"
          onClose={() => setDoes(null)}
          run={({ operator }, reason) => operator.credentials.disable(id, reason)}
        >
          <p>
            Its secret is erased, and calls to <span className="code">{origins.join(' ')}</span> go without it from then
            on.
          </p>
        </EndConfirm>
      )}
    </>
  );
}

const kinds: readonly { readonly value: CredentialKind; readonly says: string; readonly place?: string }[] = [
  { value: 'bearer', says: 'Bearer token' },
  { value: 'header', says: 'Header', place: 'Name of the header' },
  { value: 'basic', says: 'User and password', place: 'User' },
  { value: 'query', says: 'Parameter of the address', place: 'Name of the parameter' },
];

function Store() {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const apis = useRead(['catalog', 'apis'], ({ operator: plane }) => plane.catalog.list());
  const [name, setName] = useState('');
  const [kind, setKind] = useState<CredentialKind>('bearer');
  const [place, setPlace] = useState('');
  const [api, setApi] = useState('');
  const [secret, setSecret] = useState('');
  const all = apis.data?.apis ?? [];
  const chosen = all.find((one) => one.name === api) ?? all[0];
  const wants = kinds.find(({ value }) => value === kind)?.place;
  if (chosen === undefined) return null;
  return (
    <Section title="Store one" says="For the address where the API lives, and no other.">
      <Attempt
        failed="Nothing was stored."
        run={async () => {
          const named = wants === undefined ? {} : { place: place.trim() };
          const origins = [chosen.origin];
          await operator.credentials.store({ name: name.trim(), kind, origins, api: chosen.name, secret, ...named });
          setSecret('');
          setName('');
          await queries.invalidateQueries();
        }}
      >
        {(isBusy) => (
          <div className="grid max-w-xl gap-3">
            <Choice
              label="For which API"
              value={chosen.name}
              onChange={setApi}
              choices={all.map(({ name: own, origin }) => ({ value: own, says: `${own} at ${origin}` }))}
            />
            <Choice label="What it is" value={kind} onChange={(to) => setKind(to as CredentialKind)} choices={kinds} />
            <TextField label="What it is called" value={name} onChange={setName} required maxLength={100} />
            {wants !== undefined && <TextField label={wants} value={place} onChange={setPlace} isCode required />}
            <TextField label="The secret" value={secret} onChange={setSecret} isSecret required />
            <Button type="submit" look="filled" disabled={isBusy} className="justify-self-start">
              Store it in the vault
            </Button>
          </div>
        )}
      </Attempt>
    </Section>
  );
}
