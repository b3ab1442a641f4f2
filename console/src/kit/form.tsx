import { PasskeyFault } from '@ambit/sdk/operator';
import type { FormEvent, ReactNode } from 'react';
import { Fault, sayFault } from './fault.tsx';
import { Field, fieldLook } from './field.tsx';
import { ErrorState } from './states.tsx';
import { type Came, useAttempt } from './use-attempt.ts';
import { WaitsNote } from './waits-note.tsx';

type LabelledProps = { readonly label: string; readonly hint?: string | undefined };
type TextFieldProps = LabelledProps & {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Ids, addresses and codes: in their own letters, and not spelled by the browser. */
  readonly isCode?: boolean;
  /** A secret is not shown while it is typed, and no browser keeps it. */
  readonly isSecret?: boolean;
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly autoComplete?: string;
  readonly placeholder?: string;
  readonly pattern?: string;
};

export function TextField({ label, hint, value, onChange, isCode, isSecret, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(given) => (
        <input
          {...given}
          type={isSecret ? 'password' : 'text'}
          value={value}
          onChange={({ target }) => onChange(target.value)}
          autoComplete={isSecret ? 'new-password' : 'off'}
          spellCheck={!isCode && !isSecret}
          className={`${fieldLook} ${isCode ? 'code' : ''}`}
          {...rest}
        />
      )}
    </Field>
  );
}

type ChoiceProps = LabelledProps & {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly choices: readonly { readonly value: string; readonly says: string }[];
};

/** One of several. The browser's own: it works everywhere, and its options are plain text. */
export function Choice({ label, hint, value, onChange, choices }: ChoiceProps) {
  return (
    <Field label={label} hint={hint}>
      {(given) => (
        <select {...given} value={value} onChange={({ target }) => onChange(target.value)} className={fieldLook}>
          {choices.map(({ value: own, says }) => (
            <option key={own} value={own}>
              {says}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type AttemptProps = {
  readonly says?: string;
  /** What did not come to be, in a sentence. */
  readonly failed: string;
  readonly run: () => Promise<void>;
  /** Once it is done, or waits for a second person: what was filled in has been sent, and is not to be sent twice. */
  readonly onDone?: (came: NonNullable<Came>) => void;
  readonly children: (isBusy: boolean) => ReactNode;
};

/** A form that does something at the plane or the device, and says in one sentence where that did not come to anything. */
export function Attempt({ says, failed, run, onDone, children }: AttemptProps) {
  const { isBusy, error, waiting, run: attempt, forget } = useAttempt();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const came = await attempt(run);
    if (came !== null) onDone?.(came);
  };
  if (waiting !== null) return <WaitsNote proposal={waiting} onAgain={forget} />;
  const isOfDevice = error instanceof PasskeyFault;
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-3">
      {says !== undefined && <p className="text-interface text-text-2">{says}</p>}
      {children(isBusy)}
      {isOfDevice && <Fault says={sayFault(error)} />}
      {error !== null && !isOfDevice && (
        // Where no answer came, nobody knows that it failed.
        <ErrorState what={error instanceof TypeError ? 'It is not known to have been done.' : failed} error={error} />
      )}
    </form>
  );
}
