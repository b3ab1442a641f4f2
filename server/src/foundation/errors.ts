import { type DenialParts, type DenialValues, keptValues, type RefusalCode, refusalRow } from '@ambit/protocol';
import { withoutSecrets } from './without-secrets.ts';

/**
 * A refusal has two sentences: `says` is what the caller hears, `because` is what the log keeps.
 * It is thrown up to the one place that answers; only that place turns it into a wire format.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly because: string;
  readonly says: string;
  /** Extra header fields for the answer, e.g. a challenge or `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Extension members for problem details (RFC 9457 §3.2), for programs: how to go on. */
  readonly members: Readonly<Record<string, unknown>>;
  /** What it is about, for the sentence that people read of it. */
  readonly values: DenialValues;

  constructor(
    code: RefusalCode,
    because: string,
    says?: string,
    headers: Readonly<Record<string, string>> = {},
    members: Readonly<Record<string, unknown>> = {},
    values: DenialValues = {},
  ) {
    super(`${code}: ${because}`);
    this.name = 'Refusal';
    this.code = code;
    // A cut of foreign text may halve a surrogate pair, which no entry can hold.
    this.because = because.toWellFormed();
    this.says = (says ?? refusalRow(code).says).toWellFormed();
    this.headers = headers;
    this.members = members;
    this.values = values;
  }

  /** Why, as an entry keeps it for people. */
  get parts(): DenialParts {
    const values = keptValues(this.values, withoutSecrets);
    return Object.keys(values).length === 0 ? { is: 'code' } : { is: 'code', values };
  }

  /** The same with more header fields, and with values that it does not have yet: who was nearer knew better. */
  with(more: Partial<Pick<Refusal, 'headers' | 'values'>>): Refusal {
    const headers = { ...this.headers, ...more.headers };
    const values = { ...more.values, ...this.values };
    const made = new Refusal(this.code, this.because, this.says, headers, this.members, values);
    // Where it was refused, not where more was said of it.
    if (this.stack !== undefined) made.stack = this.stack;
    return made;
  }
}

/** `throw refuse('task.ended', 'task tsk_… ended at …')`. The third sentence replaces the table's for the caller. */
export function refuse(
  code: RefusalCode,
  because: string,
  says?: string,
  headers?: Readonly<Record<string, string>>,
): Refusal {
  return new Refusal(code, because, says, headers);
}

/** The store failed: what was asked may or may not have happened, and nothing may be assumed from it. */
export class StoreFault extends Error {
  constructor(because: string, options?: ErrorOptions) {
    super(because, options);
    this.name = 'StoreFault';
  }
}

/** Whatever was thrown, as the refusal that the caller may hear. Faults keep their text for the log only. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreFault) return refuse('store.unavailable', error.message);
  return refuse(
    'plane.fault',
    error instanceof Error ? `${error.name}: ${error.message}` : 'something not an error was thrown',
  );
}
