import type { Authority } from '@ambit/sdk/operator';
import { useState } from 'react';
import { Button } from './button.tsx';
import { Field, fieldLook } from './field.tsx';
import { GrantForm } from './grant-form.tsx';
import { GrantLines } from './grant-lines.tsx';
import { readAuthority } from './read-authority.ts';
import { TabBar } from './tab-bar.tsx';

/** The grants so far, and why they are not all that stands in the form; null where they are. */
export type AuthorityGiven = { readonly authority: Authority; readonly whyNot: string | null };

type AuthorityFormProps = {
  readonly label: string;
  readonly given: AuthorityGiven;
  /** Whoever sends it does so only where `whyNot` is null: nothing that was typed is left out unnoticed. */
  readonly onChange: (given: AuthorityGiven) => void;
  /** Whether it bounds every task, and not one: limits without a span count over all of them. */
  readonly isOverTasks?: boolean;
};

/**
 * Authority in words, grant by grant, with a form for more of it; and written out, for bounds on arguments that no form has
 * fields for. What the form cannot say stays as it is, and a text that cannot be read changes nothing.
 */
export function AuthorityForm({ label, given, onChange, isOverTasks = false }: AuthorityFormProps) {
  const { authority } = given;
  const [way, setWay] = useState<'form' | 'text'>('form');
  const [text, setText] = useState('');
  const change = (next: Authority) => onChange({ authority: next, whyNot: null });
  const choose = (next: 'form' | 'text') => {
    change(authority);
    setText(JSON.stringify(authority, null, 2));
    setWay(next);
  };
  const written = readAuthority(text);
  const write = (next: string) => {
    setText(next);
    const read = readAuthority(next);
    if ('authority' in read) change(read.authority);
    else onChange({ authority, whyNot: 'What is written out cannot be read yet.' });
  };
  return (
    <section aria-label={label} className="grid min-w-0 gap-3">
      <h3 className="font-medium text-interface">{label}</h3>
      <GrantLines
        authority={authority}
        source="person"
        isOverTasks={isOverTasks}
        beside={(line, isFirst) =>
          isFirst && (
            <Button
              onClick={() => {
                const left = authority.filter((_, at) => at !== line.grant);
                setText(JSON.stringify(left, null, 2));
                change(left);
              }}
            >
              Take away
              <span className="sr-only"> grant {line.grant + 1}</span>
            </Button>
          )
        }
      />
      <TabBar
        label="How to change it"
        value={way}
        onChange={choose}
        tabs={[
          { value: 'form', says: 'Add by a form' },
          { value: 'text', says: 'Written out' },
        ]}
      />
      {way === 'form' ? (
        <GrantForm
          inAll={isOverTasks ? 'all its tasks' : 'one task'}
          onBegun={(isBegun) =>
            onChange({ authority, whyNot: isBegun ? 'A grant is filled in and not added yet.' : null })
          }
          onAdd={(grant) => change([...authority, grant])}
        />
      ) : (
        <Field
          label="Grants (JSON)"
          hint="Each with the actions it names; where, limits and asks bound it. An empty list gives nothing."
          fault={'fault' in written ? written.fault : null}
        >
          {(field) => (
            <textarea
              {...field}
              rows={8}
              value={text}
              spellCheck={false}
              onChange={({ target }) => write(target.value)}
              className={`code ${fieldLook}`}
            />
          )}
        </Field>
      )}
    </section>
  );
}
