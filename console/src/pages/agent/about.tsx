import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { Time } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { useNames } from '../../plane/use-names.ts';
import { KeyRow } from './key-row.tsx';
import { whyNotDo } from './may-do.ts';
import type { Seen } from './page.tsx';
import { sayNoKey } from './say-no-key.ts';

/** Whose it is, where it runs and until when, and the keys that it proves itself by. */
export function About({ seen }: { readonly seen: Seen }) {
  const { agent, overview, owner } = seen;
  const keys = overview.keys.filter(({ holds }) => holds);
  return (
    <>
      <section className="grid gap-2">
        <h2 className="font-semibold text-section">About</h2>
        <dl className="m-0 grid grid-cols-[6.5rem_1fr] gap-y-1.5 text-interface">
          <Row name="Owner">
            <Who who={{ kind: 'person', name: owner }} />
            {overview.owner.state === 'disabled' && <span className="block text-ask text-caption">disabled</span>}
          </Row>
          <Row name="Team">
            <Foreign inline text={agent.team} />
          </Row>
          <Row name="Runs in">
            <Foreign inline text={agent.environment} />, zone <Foreign inline text={agent.zone} />
          </Row>
          <Row name="Until">
            <Time at={agent.expiresAt} as="day" />
          </Row>
          <Row name="Open tasks">at most {agent.liveTasksMax} at once</Row>
          {agent.doesWhenShared === 'suspend' && <Row name="A copied key">suspended when shared</Row>}
          {agent.identities.map(({ id, subject }) => (
            <Row key={id} name="Identity">
              <span className="code">
                <Foreign inline text={subject} />
              </span>
            </Row>
          ))}
          <Row name="Id">
            <Id id={agent.id} label="Copy the id of the agent" />
          </Row>
        </dl>
        <Transfer seen={seen} />
      </section>
      <section className="grid gap-2">
        <div className="flex items-baseline justify-between">
          <h2 className="font-semibold text-section">Keys</h2>
          <Link
            to="/agents/$agent/{-$tab}"
            params={{ agent: agent.id, tab: 'keys' }}
            className="text-accent text-caption hover:underline"
          >
            Rotate…
          </Link>
        </div>
        {keys.length === 0 ? (
          <p className="text-caption text-text-2">{sayNoKey(agent)}</p>
        ) : (
          <ul className="border-line border-t">
            {keys.map((key) => (
              <KeyRow key={key.id} of={key} seen={seen} />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-text-2">{name}</dt>
      <dd className="m-0 min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

/** Somebody else answers for it from now on. */
function Transfer({ seen: { agent, owner } }: { readonly seen: Seen }) {
  const { me } = usePlane();
  const names = useNames();
  const doing = useDoing();
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState('');
  const whyNot = whyNotDo('reassign', agent, me, owner);
  const reason = useId();
  const others = Object.entries(names).filter(([id]) => id !== agent.owner);
  const transfer = async () => {
    const person = others.find(([id]) => id === to)?.[0];
    if (person === undefined) return;
    const isDone = await doing.run(({ operator }) =>
      operator.agents.reassign(agent.id, person as typeof agent.owner, 'Given to another owner in the console.'),
    );
    if (isDone) setOpen(false);
  };
  return (
    <div className="grid justify-items-start gap-1">
      <Button offBy={whyNot && reason} onClick={() => setOpen(true)}>
        Transfer ownership…
      </Button>
      <WhyOff id={reason} says={whyNot} />
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onConfirm={() => void transfer()}
        confirm={doing.isBusy ? 'Transferring…' : 'Transfer ownership'}
        isBusy={doing.isBusy || to === ''}
        opensOn="inside"
        title={<h2 className="text-title">Transfer ownership</h2>}
      >
        <p className="mt-2 mb-3 text-interface text-text-2">
          Standing grants of the owner before give nothing any more. Open tasks go on.
        </p>
        <Field label="New owner">
          {(given) => (
            <select
              {...given}
              data-first-focus
              value={to}
              onChange={({ target }) => setTo(target.value)}
              className={fieldLook}
            >
              <option value="">Choose a person</option>
              {others.map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Fault says={doing.fault} />
      </ConfirmDialog>
    </div>
  );
}
