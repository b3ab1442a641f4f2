import type { ActionInShort, NewAgent } from '@ambit/sdk/operator';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useId } from 'react';
import { Button } from '../../kit/button.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { whyNotRegister } from '../../plane/may-begin.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { type Doing, useDoing } from '../../plane/use-doing.ts';
import { useDraft, useForgetDraft } from '../../plane/use-draft.ts';
import { useRead } from '../../plane/use-read.ts';
import { readManifest } from './read-manifest.ts';

type Way = 'form' | 'manifest';
type RegisterProps = {
  readonly doing: Doing;
  readonly whyNot: string | null;
  readonly onRegister: (agent: NewAgent) => void;
};

/** Registers an agent, as a draft without any power: by a form, or as its manifest says. */
export function Page() {
  const { me } = usePlane();
  const { by } = useSearch({ strict: false }) as { readonly by?: string };
  const way: Way = by === 'manifest' ? 'manifest' : 'form';
  const navigate = useNavigate();
  const forgetDraft = useForgetDraft('new-agent');
  const doing = useDoing();
  const whyNot = whyNotRegister(me);
  const register = (agent: NewAgent) =>
    void doing.run(async ({ operator }) => {
      const { id } = await operator.agents.register(agent);
      forgetDraft();
      void navigate({ to: '/agents/$agent/{-$tab}', params: { agent: id, tab: 'keys' } });
    });
  return (
    <div className="grid max-w-3xl gap-4 px-8 py-6 max-sm:px-4">
      <PageTitle tab="Register an agent">Register an agent</PageTitle>
      <p className="max-w-[72ch] text-interface text-text-2">
        It begins as a draft. It may act once it has a key, its owner has activated it, and a task is open for it.
      </p>
      <TabBar<Way>
        label="How"
        value={way}
        onChange={(value) => void navigate({ to: '/agents/new', search: { by: value } as never, replace: true })}
        tabs={[
          { value: 'form', says: 'By a form' },
          { value: 'manifest', says: 'By a manifest' },
        ]}
      />
      {way === 'form' ? (
        <ByForm doing={doing} whyNot={whyNot} onRegister={register} />
      ) : (
        <ByManifest doing={doing} whyNot={whyNot} onRegister={register} />
      )}
    </div>
  );
}

const lives = [
  ['30', 'one month'],
  ['90', 'three months'],
  ['365', 'one year'],
] as const;

function ByForm({ doing, whyNot, onRegister }: RegisterProps) {
  const read = useRead(['catalog', 'actions'], ({ operator }) => operator.catalog.actions());
  const [days, setDays] = useDraft('new-agent/days', '90');
  const [chosen, setChosen] = useDraft<ReadonlySet<string>>('new-agent/chosen', new Set());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const of = (name: string) => String(form.get(name) ?? '').trim();
    onRegister({
      name: of('name'),
      team: of('team'),
      purpose: of('purpose'),
      environment: of('environment'),
      zone: of('zone'),
      expiresAt: Date.now() + Number(days) * 86_400_000,
      ceiling: [{ type: 'ambit_grant', actions: [...chosen] }],
    });
  };
  const toggle = (action: string) => {
    const next = new Set(chosen);
    if (!next.delete(action)) next.add(action);
    setChosen(next);
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <Input name="name" label="Name" hint="Short, as people will call it: refund-bot" />
        <Input name="team" label="Team" />
        <div className="col-span-full">
          <Input name="purpose" label="What is it for?" />
        </div>
        <Input name="environment" label="Environment" hint="The same as of the APIs that it calls." />
        <Input name="zone" label="Zone" usual="default" />
        <Field label="It ends in">
          {(given) => (
            <select {...given} value={days} onChange={({ target }) => setDays(target.value)} className={fieldLook}>
              {lives.map(([value, says]) => (
                <option key={value} value={value}>
                  {says}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {read.isError && read.data === undefined && (
        <ErrorState what="The actions could not be loaded." error={read.error} onTryAgain={() => void read.refetch()} />
      )}
      {read.isPending && <Loading />}
      {read.data?.actions.length === 0 && (
        <EmptyState title="The catalog knows no action yet.">
          <Link to="/catalog" className="text-accent underline">
            Import an API
          </Link>{' '}
          first: an agent is allowed what is named.
        </EmptyState>
      )}
      {(read.data?.actions.length ?? 0) > 0 && (
        <fieldset className="m-0 grid gap-1 border-0 p-0">
          <legend className="mb-1 font-medium text-interface">The most it may ever do</legend>
          <p className="mb-1 text-caption text-text-2">
            A task gives part of it. Bounds on arguments and amounts are written in a manifest.
          </p>
          <ul className="grid grid-cols-2 gap-x-4 max-sm:grid-cols-1">
            {read.data?.actions.map((action) => (
              <Choice
                key={action.id}
                action={action}
                isChosen={chosen.has(action.id)}
                onToggle={() => toggle(action.id)}
              />
            ))}
          </ul>
        </fieldset>
      )}
      <Register doing={doing} whyNot={whyNot ?? (chosen.size === 0 ? 'Choose at least one action.' : null)} />
    </form>
  );
}

type ChoiceProps = { readonly action: ActionInShort; readonly isChosen: boolean; readonly onToggle: () => void };

function Choice({ action, isChosen, onToggle }: ChoiceProps) {
  return (
    <li>
      <label className="flex min-h-8 items-center gap-2 text-interface max-sm:min-h-11">
        <input type="checkbox" checked={isChosen} onChange={onToggle} className="size-4 accent-accent-fill" />
        <span className="code min-w-0 wrap-anywhere">
          <Foreign inline text={action.id} />
        </span>
        {action.reversibility === 'irreversible' && <span className="text-ask text-caption">irreversible</span>}
      </label>
    </li>
  );
}

type InputProps = { readonly name: string; readonly label: string; readonly hint?: string; readonly usual?: string };

function Input({ name, label, hint, usual = '' }: InputProps) {
  const [value, setValue] = useDraft(`new-agent/${name}`, usual);
  return (
    <Field label={label} hint={hint}>
      {(given) => (
        <input
          {...given}
          name={name}
          required
          maxLength={200}
          value={value}
          onChange={({ target }) => setValue(target.value)}
          autoComplete="off"
          className={fieldLook}
        />
      )}
    </Field>
  );
}

function ByManifest({ doing, whyNot, onRegister }: RegisterProps) {
  const [given, setGiven] = useDraft('new-agent/manifest', '');
  const read = readManifest(given);
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if ('agent' in read) onRegister(read.agent);
      }}
    >
      <Field
        label="Manifest (JSON)"
        hint="name, team, purpose, environment, zone, expiresAt (epoch milliseconds), ceiling (grants); liveTasksMax where it is not 20."
        fault={given !== '' && 'fault' in read ? read.fault : null}
      >
        {(field) => (
          <textarea
            {...field}
            rows={12}
            value={given}
            spellCheck={false}
            onChange={({ target }) => setGiven(target.value)}
            className={`code ${fieldLook}`}
          />
        )}
      </Field>
      {'agent' in read && (
        <section className="grid gap-2">
          <h2 className="font-semibold text-section">The most it may ever do</h2>
          <GrantLines authority={read.agent.ceiling} source="person" />
        </section>
      )}
      <Register doing={doing} whyNot={whyNot ?? ('fault' in read ? 'Paste a manifest first.' : null)} />
    </form>
  );
}

function Register({ doing, whyNot }: { readonly doing: Doing; readonly whyNot: string | null }) {
  const reason = useId();
  return (
    <div className="grid justify-items-start gap-1">
      <Button type="submit" look="filled" offBy={whyNot && reason} disabled={doing.isBusy}>
        Register it as a draft
      </Button>
      <WhyOff id={reason} says={whyNot} />
      <Fault says={doing.fault} />
    </div>
  );
}
