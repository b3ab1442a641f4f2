import type { AgentUser } from '@ambit/sdk/operator';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { When } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { whyNotDo } from './may-do.ts';
import type { Seen } from './page.tsx';

/** Records that stand for it in other applications. */
export function UsersTab({ seen: { agent, owner } }: { readonly seen: Seen }) {
  const { me } = usePlane();
  const [removed, setRemoved] = useState<AgentUser | null>(null);
  const whyNot = whyNotDo('link', agent, me, owner);
  return (
    <>
      <section className="grid gap-2">
        <h2 className="font-semibold text-section">Agent users</h2>
        {agent.users.length === 0 ? (
          <EmptyState title="No other application knows it as a user." />
        ) : (
          <ul className="border-line border-t">
            {agent.users.map((user) => (
              <li key={user.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-b py-2">
                <span className="min-w-0 flex-1 text-interface wrap-anywhere">
                  <Foreign inline text={user.label} />{' '}
                  <span className="code text-text-2">
                    <Foreign inline text={user.externalId} />
                  </span>{' '}
                  in <Foreign inline text={user.api} />
                </span>
                <span className="text-caption text-text-2">
                  since <When at={user.linkedAt} as="day" />
                </span>
                <Button offBy={whyNot && whyNoUsers} onClick={() => setRemoved(user)}>
                  It was removed…
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <Link agent={agent.id} whyNot={whyNot} />
      {removed !== null && (
        <EndConfirm
          title="Say that it was removed there"
          confirm="It was removed"
          ends={['The record is no longer listed here. Ambit removes nothing in the other application.']}
          onClose={() => setRemoved(null)}
          run={({ operator }) => operator.agents.unlinkUser(agent.id, removed.id)}
        />
      )}
    </>
  );
}

/** Said once, below the form, for all that is off here. */
const whyNoUsers = 'why-no-users';

type LinkProps = { readonly agent: Seen['agent']['id']; readonly whyNot: string | null };

function Link({ agent, whyNot }: LinkProps) {
  const doing = useDoing();
  const [api, setApi] = useState('');
  const [externalId, setExternalId] = useState('');
  const [label, setLabel] = useState('');
  const fields = [
    ['Application', api, setApi, 'An API of the catalog, by its name.'],
    ['Its id there', externalId, setExternalId, undefined],
    ['What it is called there', label, setLabel, undefined],
  ] as const;
  return (
    <form
      className="grid max-w-xl gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void doing.run(({ operator }) => operator.agents.linkUser(agent, { api, externalId, label }));
      }}
    >
      <h2 className="font-semibold text-section">Link a record</h2>
      {fields.map(([name, value, set, hint]) => (
        <Field key={name} label={name} hint={hint}>
          {(given) => (
            <input
              {...given}
              required
              value={value}
              autoComplete="off"
              onChange={({ target }) => set(target.value)}
              className={fieldLook}
            />
          )}
        </Field>
      ))}
      <Button type="submit" offBy={whyNot && whyNoUsers} disabled={doing.isBusy} className="justify-self-start">
        Link it
      </Button>
      <WhyOff id={whyNoUsers} says={whyNot} />
      <Fault says={doing.fault} />
    </form>
  );
}
