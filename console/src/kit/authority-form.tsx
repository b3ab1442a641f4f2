import type { Authority } from '@ambit/sdk/operator';
import { useState } from 'react';
import { Button } from './button.tsx';
import { Field, fieldLook } from './field.tsx';
import { GrantForm } from './grant-form.tsx';
import { GrantLines } from './grant-lines.tsx';
import { readAuthority } from './read-authority.ts';
import { TabBar } from './tab-bar.tsx';

type AuthorityFormProps = {
  readonly label: string;
  /** Null while what is written out cannot be read. */
  readonly authority: Authority | null;
  readonly onChange: (authority: Authority | null) => void;
  /** Whether it bounds every task, and not one: limits without a span count over all of them. */
  readonly isOverTasks?: boolean;
};

/**
 * Authority in words, grant by grant, with a form for more of it; and written out, for bounds on arguments that no form has
 * fields for. What the form cannot say stays as it is, and so does what was there before a text that cannot be read.
 */
export function AuthorityForm({ label, authority, onChange, isOverTasks = false }: AuthorityFormProps) {
  const [way, setWay] = useState<'form' | 'text'>('form');
  const [text, setText] = useState('');
  const [kept, setKept] = useState<Authority>([]);
  const choose = (next: 'form' | 'text') => {
    if (next === 'text') {
      setText(JSON.stringify(authority ?? [], null, 2));
      setKept(authority ?? []);
    } else if (authority === null) onChange(kept);
    setWay(next);
  };
  const written = readAuthority(text);
  const write = (next: string) => {
    setText(next);
    const read = readAuthority(next);
    if ('authority' in read) setKept(read.authority);
    onChange('authority' in read ? read.authority : null);
  };
  return (
    <section aria-label={label} className="grid min-w-0 gap-3">
      <h3 className="font-medium text-interface">{label}</h3>
      {authority !== null && (
        <GrantLines
          authority={authority}
          source="person"
          isOverTasks={isOverTasks}
          beside={(line, isFirst) =>
            isFirst && (
              <Button onClick={() => onChange(authority.filter((_, at) => at !== line.grant))}>
                Take away
                <span className="sr-only"> grant {line.grant + 1}</span>
              </Button>
            )
          }
        />
      )}
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
          onAdd={(grant) => onChange([...(authority ?? []), grant])}
        />
      ) : (
        <Field
          label="Grants (JSON)"
          hint="Each with the actions it names; where, limits and asks bound it. An empty list gives nothing."
          fault={'fault' in written ? written.fault : null}
        >
          {(given) => (
            <textarea
              {...given}
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
