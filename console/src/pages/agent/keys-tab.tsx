import type { AgentKey } from '@ambit/sdk/operator';
import { useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { planeNow } from '../../plane/reach.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { EnrolmentCode } from './enrolment-code.tsx';
import { Identities } from './identities.tsx';
import { KeyRow } from './key-row.tsx';
import { whyNotDo } from './may-do.ts';
import { NewName } from './new-name.tsx';
import { NewStaticKey } from './new-static-key.tsx';
import type { Seen } from './page.tsx';
import { readPublicJwk } from './read-public-jwk.ts';
import { sayNoKey } from './say-no-key.ts';
import { Shared } from './shared.tsx';
import { StaticKeys } from './static-keys.tsx';
import { whyNoKeys } from './why-no-keys.ts';

/** Everything that it proves itself by, with its age and its end; and the ways to a new key: a code by which it makes its own, or a public half. */
export function KeysTab({ seen }: { readonly seen: Seen }) {
  const { agent, overview, owner } = seen;
  const { me } = usePlane();
  const [revoked, setRevoked] = useState<AgentKey | null>(null);
  const whyNot = agent.state === 'retired' ? 'It is retired.' : whyNotDo('enrol', agent, me, owner);
  return (
    <>
      <section className="grid gap-2">
        <h2 className="font-semibold text-section">Keys</h2>
        {overview.keys.length === 0 ? (
          <EmptyState title={sayNoKey(agent)}>Issue an enrolment code, or add a public key.</EmptyState>
        ) : (
          <ul className="border-line border-t">
            {overview.keys.map((key) => {
              const known = agent.keys.find(({ id }) => id === key.id);
              return (
                <KeyRow key={key.id} of={key} seen={seen}>
                  {key.holds && known !== undefined && (
                    <span>
                      <Button offBy={whyNot && whyNoKeys} onClick={() => setRevoked(known)}>
                        Revoke…
                      </Button>
                    </span>
                  )}
                </KeyRow>
              );
            })}
          </ul>
        )}
        <WhyOff id={whyNoKeys} says={whyNot} />
      </section>
      <Identities seen={seen} whyNot={whyNot} />
      <StaticKeys seen={seen} whyNot={whyNotDo('enrol', agent, me, owner)} />
      <NewStaticKey seen={seen} whyNot={whyNot} />
      <EnrolmentCode seen={seen} whyNot={whyNot} />
      <NewKey seen={seen} />
      <NewName seen={seen} whyNot={whyNot} />
      <Shared seen={seen} />
      {revoked !== null && (
        <EndConfirm
          title="Revoke this key"
          confirm="Revoke it"
          ends={[
            'Whoever proves itself by it is refused from now on.',
            'Every token of this agent is decided anew, whichever key it was issued to.',
          ]}
          onClose={() => setRevoked(null)}
          run={({ operator }) => operator.agents.revokeKey(agent.id, revoked.id)}
        />
      )}
    </>
  );
}

/** A public half beside the keys that are there, or in the place of one of them. */
function NewKey({ seen: { agent, owner } }: { readonly seen: Seen }) {
  const { me } = usePlane();
  const doing = useDoing();
  const [text, setText] = useState('');
  const [old, setOld] = useState('');
  const [hours, setHours] = useState('24');
  const replaced = agent.keys.find(({ id, holds }) => id === old && holds);
  const whyNot = whyNotDo(replaced === undefined ? 'enrol' : 'rotate', agent, me, owner);
  const reason = useId();
  const jwk = readPublicJwk(text);
  const add = async () => {
    const came = await doing.run(async ({ operator: { agents } }) => {
      if ('fault' in jwk) return;
      const endsAt = planeNow() + Number(hours) * 3_600_000;
      if (replaced === undefined) await agents.addKey(agent.id, { jwk: jwk.jwk });
      else await agents.rotateKey(agent.id, { old: replaced.id, jwk: jwk.jwk, endsAt, movesTasks: true });
    });
    if (came !== null) setText('');
  };
  return (
    <section className="grid max-w-xl gap-3">
      <h2 className="font-semibold text-section">Add or rotate a key</h2>
      <Field
        label="Public key (JWK)"
        hint={
          <>
            What <code className="code">(await openKey(key)).jwk</code> of the SDK gives. The private half stays with
            the agent.
          </>
        }
        fault={text !== '' && 'fault' in jwk ? jwk.fault : null}
      >
        {(given) => (
          <textarea
            {...given}
            rows={3}
            value={text}
            spellCheck={false}
            onChange={({ target }) => setText(target.value)}
            className={`code ${fieldLook}`}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label="In the place of">
          {(given) => (
            <select {...given} value={old} onChange={({ target }) => setOld(target.value)} className={fieldLook}>
              <option value="">none, it stands beside them</option>
              {agent.keys
                .filter(({ holds }) => holds)
                .map(({ id, thumbprint }) => (
                  <option key={id} value={id}>
                    {thumbprint}
                  </option>
                ))}
            </select>
          )}
        </Field>
        {replaced !== undefined && (
          <Field label="The old one ends in" hint="Until then both hold. Its tasks go on with the new one.">
            {(given) => (
              <select {...given} value={hours} onChange={({ target }) => setHours(target.value)} className={fieldLook}>
                <option value="1">one hour</option>
                <option value="24">one day</option>
                <option value="168">one week</option>
              </select>
            )}
          </Field>
        )}
      </div>
      <Button
        className="justify-self-start"
        offBy={whyNot && reason}
        disabled={whyNot === null && (doing.isBusy || 'fault' in jwk)}
        onClick={() => void add()}
      >
        {replaced === undefined ? 'Add the key' : 'Rotate to this key'}
      </Button>
      <WhyOff id={reason} says={whyNot} />
      <Fault says={doing.fault} />
    </section>
  );
}
