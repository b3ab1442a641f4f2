import type { MadeTemplateKey, Template } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, Choice, TextField } from '../../kit/form.tsx';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { EmptyState, ErrorState } from '../../kit/states.tsx';
import { When } from '../../kit/when.tsx';
import { planeNow } from '../../plane/reach.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import type { Seen } from './page.tsx';
import { readBinding } from './read-binding.ts';
import { whyNoKeys } from './why-no-keys.ts';

type NewProps = { readonly seen: Seen; readonly whyNot: string | null };

/** Makes a static key: it is shown once, and kept here as a hash alone. */
export function NewStaticKey({ seen, whyNot }: NewProps) {
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<MadeTemplateKey | null>(null);
  return (
    <section className="grid max-w-xl justify-items-start gap-3">
      <h2 className="font-semibold text-section">Make a static key</h2>
      <p className="text-interface text-text-2">
        For a client that can send one header and no more. Whoever copies it can use it where it is bound to: an agent
        with a key of its own is safer.
      </p>
      {made !== null && (
        <ShownOnce title={`The static key ${made.id}`} value={`Authorization: Bearer ${made.secret}`}>
          It is shown this once, and good until <When at={made.expiresAt} as="day" />. Its client sends this header with
          each call.
        </ShownOnce>
      )}
      {isOpen ? (
        <ByTemplate
          seen={seen}
          onMade={(key) => {
            setMade(key);
            setOpen(false);
          }}
        />
      ) : (
        <Button offBy={whyNot && whyNoKeys} onClick={() => setOpen(true)}>
          {made === null ? 'Make a static key…' : 'Make another…'}
        </Button>
      )}
    </section>
  );
}

type MadeProps = { readonly seen: Seen; readonly onMade: (key: MadeTemplateKey) => void };

function ByTemplate({ seen, onMade }: MadeProps) {
  const read = useRead(['tasks', 'templates'], ({ operator }) => operator.tasks.templates());
  if (read.isError && read.data === undefined)
    return <ErrorState what="The templates could not be loaded." error={read.error} onTryAgain={read.refetch} />;
  const templates = (read.data ?? []).filter(({ state }) => state === 'active');
  if (read.data === undefined) return null;
  if (templates.length === 0)
    return (
      <EmptyState title="No template of tasks yet.">
        A static key is for tasks of one template: somebody with the role policy defines it, with{' '}
        <code className="code">ambit task template add</code>.
      </EmptyState>
    );
  return <Form templates={templates} seen={seen} onMade={onMade} />;
}

const clockMs = 60_000;
const lives = [
  { value: '7', says: 'one week' },
  { value: '30', says: '30 days' },
  { value: '90', says: '90 days' },
];

function Form({ templates, seen: { agent }, onMade }: MadeProps & { readonly templates: readonly Template[] }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [purpose, setPurpose] = useState('');
  const [id, setId] = useState<string>(templates[0]?.id ?? '');
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const [networks, setNetworks] = useState('');
  const [pem, setPem] = useState('');
  const [days, setDays] = useState('30');
  const [fault, setFault] = useState<string | null>(null);
  const template = templates.find((one) => one.id === id);
  const make = async () => {
    const read = await readBinding(pem, networks);
    setFault('fault' in read ? read.fault : null);
    if ('fault' in read || template === undefined) return;
    const key = await operator.templateKeys.add(agent.id, {
      ...{ label, purpose, template: template.id, ...read.bound },
      parameters: Object.fromEntries(template.parameters.map(({ name }) => [name, given[name] ?? ''])),
      // A little less than the greatest age there may be: the clock of the plane is known to within seconds.
      expiresAt: Math.min(agent.expiresAt, planeNow() + Number(days) * 86_400_000 - clockMs),
    });
    onMade(key);
    await queries.invalidateQueries();
  };
  return (
    <Attempt failed="No key was made." run={make}>
      {(isBusy) => (
        <>
          <TextField label="Who has it" required value={label} onChange={setLabel} maxLength={100} />
          <Choice
            label="Template of its tasks"
            value={id}
            onChange={setId}
            choices={templates.map((one) => ({ value: one.id, says: one.name }))}
          />
          {template?.parameters.map(({ name, says, lengthMax }) => (
            <Field key={name} label={<Foreign inline text={name} />} hint={<Foreign inline text={says} />}>
              {(about) => (
                <input
                  {...about}
                  required
                  maxLength={lengthMax}
                  value={given[name] ?? ''}
                  autoComplete="off"
                  onChange={({ target }) => setGiven({ ...given, [name]: target.value })}
                  className={fieldLook}
                />
              )}
            </Field>
          ))}
          <TextField
            label="What its tasks are for"
            hint="Whoever answers its questions reads this."
            required
            value={purpose}
            onChange={setPurpose}
            maxLength={500}
          />
          <TextField
            label="Networks that it comes from"
            hint="Such as 203.0.113.0/24. Bind it to networks, to a certificate, or to both."
            isCode
            value={networks}
            onChange={setNetworks}
          />
          <Field label="The one certificate it is good with (PEM)" fault={fault}>
            {(about) => (
              <textarea
                {...about}
                rows={3}
                value={pem}
                spellCheck={false}
                onChange={({ target }) => setPem(target.value)}
                className={`code ${fieldLook}`}
              />
            )}
          </Field>
          <Choice
            label="It ends in"
            hint="And with the agent at the latest."
            value={days}
            onChange={setDays}
            choices={lives}
          />
          <Button type="submit" look="filled" disabled={isBusy} className="justify-self-start">
            Make the key
          </Button>
        </>
      )}
    </Attempt>
  );
}
