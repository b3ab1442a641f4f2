import type { ActionInShort, Api } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, Choice, TextField } from '../../kit/form.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { LacksRole } from '../../plane/lacks-role.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import type { Go } from './page.tsx';
import type { Progress } from './steps.ts';

type StepProps = { readonly progress: Progress; readonly onGo: Go };

export function ApiStep({ progress, onGo }: StepProps) {
  const { api } = progress;
  const [isNew, setNew] = useState(false);
  if (api === null || isNew)
    return (
      <ImportForm
        onDone={(name) => {
          setNew(false);
          onGo('api', { ...progress.chosen, api: name });
        }}
      />
    );
  return (
    <>
      <Found api={api} />
      <CredentialOf api={api} />
      <Button look="quiet" className="-ml-3 justify-self-start text-accent" onClick={() => setNew(true)}>
        Import another API
      </Button>
    </>
  );
}

/** Where calls under the first tasks are filed, if the organisation has no purposes yet. */
const trial = { name: 'trial', says: 'Try Ambit with a call that does no harm.' };

function ImportForm({ onDone }: { readonly onDone: (name: string) => void }) {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const [from, setFrom] = useState<'address' | 'file'>('address');
  const [url, setUrl] = useState('');
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [name, setName] = useState('');
  const [server, setServer] = useState('');
  if (!me.roles.includes('catalog')) return <LacksRole lacks="catalog" what="put an API behind Ambit" />;
  const origin = originOf(url);
  const run = async () => {
    const description = from === 'address' ? { url: url.trim() } : { text: file?.text ?? '' };
    await operator.catalog.import({ name: name.trim(), server: server.trim() || origin, ...description });
    if (me.roles.includes('policy') && (await operator.tasks.purposes()).length === 0)
      await operator.tasks.definePurpose(trial);
    await queries.invalidateQueries();
    onDone(name.trim());
  };
  return (
    <Attempt failed="Nothing was imported." run={run}>
      {(isBusy) => (
        <div className="grid max-w-xl gap-4">
          <TabBar
            label="Where the description is"
            value={from}
            onChange={setFrom}
            tabs={[
              { value: 'address', says: 'By address' },
              { value: 'file', says: 'From a file' },
            ]}
          />
          {from === 'address' ? (
            <TextField
              label="Address of the description"
              hint="OpenAPI 3.0, 3.1 or Swagger 2.0, in JSON or YAML. Ambit fetches it once."
              value={url}
              onChange={setUrl}
              isCode
              required
              placeholder="https://shop.example/openapi.json"
            />
          ) : (
            <label className="grid gap-1 font-medium text-interface">
              File with the description
              <input
                type="file"
                accept=".json,.yaml,.yml"
                required
                onChange={async ({ target }) => {
                  const chosen = target.files?.[0];
                  if (chosen !== undefined) setFile({ name: chosen.name, text: await chosen.text() });
                }}
                className="min-h-10 rounded-control border border-line-strong bg-surface px-3 py-2 font-normal"
              />
            </label>
          )}
          <TextField
            label="What agents call it"
            hint="Small letters, digits and dashes: the first half of each action, such as shop:orders.get."
            value={name}
            onChange={setName}
            isCode
            required
            maxLength={40}
            pattern="[a-z][a-z0-9\-]*"
            placeholder="shop"
          />
          <TextField
            label="Where the API lives"
            hint="Scheme, host and port. A description cannot say this: whoever wrote it could lead calls elsewhere."
            value={server}
            onChange={setServer}
            isCode
            required={origin === ''}
            placeholder={origin || 'https://shop.example'}
          />
          <Button type="submit" look="filled" size="large" disabled={isBusy} className="justify-self-start">
            {isBusy ? 'Reading the description…' : 'Read the description'}
          </Button>
        </div>
      )}
    </Attempt>
  );
}

function originOf(url: string): string {
  return URL.canParse(url) && /^https?:/.test(url) ? new URL(url).origin : '';
}

const rank = ({ held, state, effect }: ActionInShort): number =>
  held !== null ? 0 : state === 'proposed' ? 1 : effect === 'write' ? 2 : 3;

const folded = 6;

/** What the description told, unclassified first. */
function Found({ api }: { readonly api: Api }) {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const [isWhole, setWhole] = useState(false);
  const found = useRead(['catalog', 'actions', api.name], ({ operator: plane }) =>
    plane.catalog.actions({ api: api.name }),
  );
  if (found.isPending) return <Loading />;
  if (found.data === undefined)
    return <ErrorState what="The actions could not be loaded." error={found.error} onTryAgain={found.refetch} />;
  const actions = [...found.data.actions].sort((one, other) => rank(one) - rank(other));
  const waits = actions.filter(({ state }) => state === 'proposed');
  const reads = actions.filter(({ effect }) => effect === 'read').length;
  return (
    <section aria-labelledby="found" className="grid gap-3">
      <h2 id="found" className="text-section">
        <Foreign inline text={api.name} />: {actions.length} actions, {reads} only read, {waits.length} to classify
      </h2>
      <ul className="divide-y divide-line rounded-card border border-line" aria-label="Actions">
        {actions.slice(0, isWhole ? undefined : folded).map((action) => (
          <li key={action.id} className="grid gap-x-4 px-4 py-2 text-interface sm:grid-cols-[minmax(0,1fr)_auto]">
            <span className="min-w-0">
              <span className="code font-medium">
                <Foreign inline text={action.id} />
              </span>{' '}
              <span className="text-text-2">
                {action.method} <Foreign inline text={action.path} />
              </span>
              {action.held !== null && <span className="block text-ask">{action.held}</span>}
            </span>
            <span className="text-text-2 sm:text-right">
              {action.effect === 'read' ? 'reads' : `writes, ${action.reversibility}`}
              {action.state === 'proposed' && <span className="ml-2 font-medium text-ask">not classified</span>}
            </span>
          </li>
        ))}
      </ul>
      {actions.length > folded && (
        <Button look="quiet" className="-ml-3 justify-self-start text-accent" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show fewer' : `Show all ${actions.length}`}
        </Button>
      )}
      {waits.length > 0 && !me.roles.includes('catalog') && (
        <LacksRole lacks="catalog" what="confirm what the description proposes" />
      )}
      {waits.length > 0 && me.roles.includes('catalog') && (
        <Attempt
          says="What is not known counts as a write that cannot be undone. You can classify each action in the catalog, or take what the description proposes and sharpen it later."
          failed="Nothing was confirmed."
          run={async () => {
            await operator.catalog.confirm(api.name, { revision: api.revision });
            await queries.invalidateQueries();
          }}
        >
          {(isBusy) => (
            <Button type="submit" disabled={isBusy} className="justify-self-start">
              Confirm {waits.length} as proposed
            </Button>
          )}
        </Attempt>
      )}
    </section>
  );
}

const kinds = [
  { value: 'bearer', says: 'Bearer token' },
  { value: 'header', says: 'Header' },
  { value: 'basic', says: 'User and password' },
] as const;
type Kind = (typeof kinds)[number]['value'];
const places: Readonly<Record<Kind, string | null>> = { bearer: null, header: 'Name of the header', basic: 'User' };

/** The key to the API goes into the vault, and is lent to calls that were decided. */
function CredentialOf({ api }: { readonly api: Api }) {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const isOff = !me.roles.includes('administrator');
  const stored = useRead(['credentials', 'list'], ({ operator: plane }) => plane.credentials.list(), { isOff });
  const [kind, setKind] = useState<Kind>('bearer');
  const [place, setPlace] = useState('');
  const [secret, setSecret] = useState('');
  if (isOff) return <LacksRole lacks="administrator" what="give Ambit the API’s credential" />;
  const has = stored.data?.find(({ api: of, state }) => of === api.name && state === 'active');
  return (
    <section aria-labelledby="credential" className="grid max-w-xl gap-3 border-line border-t pt-5">
      <h2 id="credential" className="text-section">
        Its credential
      </h2>
      {has !== undefined ? (
        <p className="text-interface">
          Stored, for <span className="code">{api.origin}</span> only. Agents never see it, and neither do you again.
        </p>
      ) : (
        <Attempt
          says="Agents never see it: Ambit lends it to calls that were decided, for this address only."
          failed="Nothing was stored."
          run={async () => {
            const named = places[kind] === null ? {} : { place: place.trim() };
            await operator.credentials.store({
              name: api.name,
              kind,
              origins: [api.origin],
              api: api.name,
              secret,
              ...named,
            });
            setSecret('');
            await queries.invalidateQueries();
          }}
        >
          {(isBusy) => (
            <>
              <Choice label="What it is" value={kind} onChange={(to) => setKind(to as Kind)} choices={kinds} />
              {places[kind] !== null && (
                <TextField label={places[kind] ?? ''} value={place} onChange={setPlace} isCode required />
              )}
              <TextField
                label="The secret"
                hint="It goes in and never comes out."
                value={secret}
                onChange={setSecret}
                isSecret
                required
              />
              <Button type="submit" disabled={isBusy} className="justify-self-start">
                Store it in the vault
              </Button>
            </>
          )}
        </Attempt>
      )}
    </section>
  );
}
