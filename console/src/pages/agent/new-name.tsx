import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { Attempt, Choice, TextField } from '../../kit/form.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import type { Seen } from './page.tsx';
import { type Method, methods, type NameDraft, readName } from './read-name.ts';
import { whyNoKeys } from './why-no-keys.ts';

const empty: NameDraft = { method: 'spiffe', issuer: '', subject: '', audience: '', claims: '' };
const enrols = [
  { value: '', says: 'none' },
  { value: '86400', says: 'that hold one day' },
  { value: '604800', says: 'that hold one week' },
  { value: '2592000', says: 'that hold 30 days' },
];

/** What an authority outside calls the workload, so that it needs no key of its own. */
export function NewName({ seen: { agent }, whyNot }: { readonly seen: Seen; readonly whyNot: string | null }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(empty);
  const [keySeconds, setKeySeconds] = useState('');
  const { method, issuer, subject, audience, claims } = draft;
  const set = (more: Partial<NameDraft>) => setDraft({ ...draft, ...more });
  const read = readName(draft);
  const isBegun = [issuer, subject, audience, claims].some((one) => one !== '');
  return (
    <section className="grid max-w-xl gap-3">
      <h2 className="font-semibold text-section">Add a name from outside</h2>
      <Attempt
        says="The authority has to be known here first: a trust domain or an issuer by an administrator, those of certificates in the settings of Ambit."
        failed="The name was not added."
        run={async () => {
          if ('fault' in read) return;
          const keys = keySeconds === '' ? {} : { keySeconds: Number(keySeconds) };
          await operator.agents.addIdentity(agent.id, { ...read.name, ...keys });
          setDraft({ ...empty, method });
          await queries.invalidateQueries();
        }}
      >
        {(isBusy) => (
          <>
            <Choice
              label="How it is proved"
              value={method}
              onChange={(value) => setDraft({ ...empty, method: value as Method })}
              choices={Object.entries(methods).map(([value, says]) => ({ value, says }))}
            />
            {method === 'spiffe' && (
              <TextField label="SPIFFE ID" isCode value={subject} onChange={(value) => set({ subject: value })} />
            )}
            {method === 'tls_client_auth' && (
              <>
                <TextField label="Authority" isCode value={issuer} onChange={(value) => set({ issuer: value })} />
                <TextField
                  label="URI in its certificate"
                  isCode
                  value={subject}
                  onChange={(value) => set({ subject: value })}
                />
              </>
            )}
            {method === 'workload_token' && (
              <>
                <TextField label="Issuer" isCode value={issuer} onChange={(value) => set({ issuer: value })} />
                <TextField label="Audience" isCode value={audience} onChange={(value) => set({ audience: value })} />
                <Field label="Claims that have to be in the token" hint="One a line, letter by letter: name=value">
                  {(given) => (
                    <textarea
                      {...given}
                      rows={3}
                      value={claims}
                      spellCheck={false}
                      onChange={({ target }) => set({ claims: target.value })}
                      className={`code ${fieldLook}`}
                    />
                  )}
                </Field>
              </>
            )}
            <Choice
              label="Keys that it may enrol by that"
              value={keySeconds}
              onChange={setKeySeconds}
              choices={enrols}
            />
            {isBegun && 'fault' in read && <p className="text-caption text-text-2">{read.fault}</p>}
            <Button
              type="submit"
              offBy={whyNot && whyNoKeys}
              disabled={whyNot === null && (isBusy || 'fault' in read)}
              className="justify-self-start"
            >
              Add the name
            </Button>
          </>
        )}
      </Attempt>
    </section>
  );
}
