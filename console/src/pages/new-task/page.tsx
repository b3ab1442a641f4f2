import { parseId } from '@ambit/protocol';
import type { Agent, Authority, NewTask, Template } from '@ambit/sdk/operator';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useId } from 'react';
import { Button } from '../../kit/button.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { readAuthority } from '../../kit/read-authority.ts';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { whyNotOpenTask } from '../../plane/may-begin.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { useDraft, useForgetDraft } from '../../plane/use-draft.ts';
import { useRead } from '../../plane/use-read.ts';
import { fill } from './fill.ts';

/** Opens a task in one’s own name: from a template with its parameters, or from grants. The choice is in the address. */
export function Page() {
  const asked = useSearch({ strict: false }) as { readonly template?: string; readonly agent?: string };
  const navigate = useNavigate();
  const read = useRead(['tasks', 'to-open'], async ({ operator }) => {
    const [agents, purposes, templates] = await Promise.all([
      operator.agents.list({ limit: 500 }),
      operator.tasks.purposes(),
      operator.tasks.templates(),
    ]);
    const isActive = ({ state }: { readonly state: string }) => state === 'active';
    return {
      agents: agents.filter(isActive),
      purposes: purposes.filter(isActive),
      templates: templates.filter(isActive),
    };
  });
  const choose = (next: Partial<typeof asked>) =>
    void navigate({ to: '/tasks/new', search: { ...asked, ...next } as never, replace: true });
  return (
    <div className="grid max-w-3xl gap-5 px-8 py-6 max-sm:px-4">
      <PageTitle tab="Open a task">Open a task</PageTitle>
      {read.isError && read.data === undefined && (
        <ErrorState
          what="What can be opened could not be loaded."
          error={read.error}
          onTryAgain={() => void read.refetch()}
        />
      )}
      {read.isPending && <Loading />}
      {read.data !== undefined && read.data.agents.length === 0 && (
        <EmptyState title="No agent is active yet.">
          <Link to="/agents/new" className="text-accent underline">
            Register an agent
          </Link>{' '}
          and activate it first.
        </EmptyState>
      )}
      {read.data !== undefined && read.data.agents.length > 0 && (
        <Form
          {...read.data}
          agent={asked.agent ?? ''}
          template={read.data.templates.find(({ id }) => id === asked.template) ?? null}
          onAgent={(agent) => choose({ agent })}
          onTemplate={(template) => choose({ template })}
        />
      )}
    </div>
  );
}

type FormProps = {
  readonly agents: readonly Agent[];
  readonly purposes: readonly { readonly name: string; readonly says: string }[];
  readonly templates: readonly Template[];
  readonly agent: string;
  readonly template: Template | null;
  readonly onAgent: (agent: string) => void;
  readonly onTemplate: (template: string) => void;
};

const exampleGrants = `[{
  "type": "ambit_grant",
  "actions": ["shop:orders.get"],
  "where": { "path.orderId": { "all": [{ "equals": "1042" }] } }
}]`;

function Form({ agents, purposes, templates, agent, template, onAgent, onTemplate }: FormProps) {
  const { me } = usePlane();
  const navigate = useNavigate();
  const doing = useDoing();
  const reason = useId();
  const whyNot = whyNotOpenTask(
    me,
    agents.find(({ id }) => id === agent),
  );
  const forgetDraft = useForgetDraft('new-task');
  const [purpose, setPurpose] = useDraft('new-task/purpose', '');
  const [type, setType] = useDraft('new-task/type', purposes[0]?.name ?? '');
  const [minutes, setMinutes] = useDraft('new-task/minutes', '30');
  const [grants, setGrants] = useDraft('new-task/grants', '');
  const [parameters, setParameters] = useDraft<Readonly<Record<string, string>>>('new-task/parameters', {});
  const written = readAuthority(grants);
  const authority =
    template === null ? ('authority' in written ? written.authority : null) : fill(template.grants, parameters);
  const secondsMax = template?.ttlSecondsMax ?? 31_536_000;
  const open = async (event: FormEvent) => {
    event.preventDefault();
    const id = parseId('agent', agent);
    if (id === undefined || authority === null) return;
    const task: NewTask = {
      agent: id,
      purpose: { type: template?.purposeType ?? type, text: purpose },
      ttlSeconds: Math.min(secondsMax, Math.round(Number(minutes) * 60)),
      ...(template === null ? { authority } : { template: { id: template.id, parameters } }),
    };
    await doing.run(async ({ operator }) => {
      const opened = await operator.tasks.open(task);
      forgetDraft();
      void navigate({ to: '/tasks/$task', params: { task: opened.id } });
    });
  };
  return (
    <form className="grid gap-4" onSubmit={(event) => void open(event)}>
      <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <Field label="Agent">
          {(given) => (
            <select
              {...given}
              required
              value={agent}
              onChange={({ target }) => onAgent(target.value)}
              className={fieldLook}
            >
              <option value="">Choose an agent</option>
              {agents.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="From"
          hint={templates.length === 0 ? 'No template is defined yet; the role policy defines them.' : undefined}
        >
          {(given) => (
            <select
              {...given}
              value={template?.id ?? ''}
              onChange={({ target }) => onTemplate(target.value)}
              className={fieldLook}
            >
              <option value="">grants, written out</option>
              {templates.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Field label="What for?" hint="Whoever answers its questions reads this.">
        {(given) => (
          <input
            {...given}
            required
            maxLength={500}
            value={purpose}
            autoComplete="off"
            onChange={({ target }) => setPurpose(target.value)}
            className={fieldLook}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        {template === null && (
          <Field label="Purpose" hint={purposes.find(({ name }) => name === type)?.says}>
            {(given) => (
              <select
                {...given}
                required
                value={type}
                onChange={({ target }) => setType(target.value)}
                className={fieldLook}
              >
                {purposes.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Field label="Minutes until it ends" hint={`At most ${Math.floor(secondsMax / 60).toLocaleString()}.`}>
          {(given) => (
            <input
              {...given}
              type="number"
              required
              min={1}
              max={Math.floor(secondsMax / 60)}
              value={minutes}
              onChange={({ target }) => setMinutes(target.value)}
              className={fieldLook}
            />
          )}
        </Field>
        {template?.parameters.map(({ name, says, lengthMax }) => (
          <Field key={name} label={<Foreign inline text={name} />} hint={<Foreign inline text={says} />}>
            {(given) => (
              <input
                {...given}
                required
                maxLength={lengthMax}
                value={parameters[name] ?? ''}
                autoComplete="off"
                onChange={({ target }) => setParameters({ ...parameters, [name]: target.value })}
                className={fieldLook}
              />
            )}
          </Field>
        ))}
      </div>
      {template === null && (
        <Field
          label="Grants (JSON)"
          hint="Each action is named; with any bound on arguments, those that it does not name are refused."
          fault={grants !== '' && 'fault' in written ? written.fault : null}
        >
          {(given) => (
            <textarea
              {...given}
              required
              rows={6}
              value={grants}
              placeholder={exampleGrants}
              spellCheck={false}
              onChange={({ target }) => setGrants(target.value)}
              className={`code ${fieldLook}`}
            />
          )}
        </Field>
      )}
      {authority !== null && <Preview authority={authority} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          look="filled"
          offBy={whyNot && reason}
          disabled={whyNot === null && (doing.isBusy || authority === null || agent === '')}
        >
          Open the task
        </Button>
        {whyNot === null && (
          <p className="text-caption text-text-2">In your name, with part of what you may delegate and it may have.</p>
        )}
        <WhyOff id={reason} says={whyNot} />
      </div>
      <Fault says={doing.fault} />
    </form>
  );
}

function Preview({ authority }: { readonly authority: Authority }) {
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold text-section">In words</h2>
      <GrantLines authority={authority} source="person" />
    </section>
  );
}
