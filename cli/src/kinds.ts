import { cleanText, type Decimal, type Id, type IdKind, parseDecimal, parseId } from '@ambit/protocol';
import type { Flag } from './command.ts';
import { CliFault } from './exit.ts';

/** A kind of value on the command line: read once, at the edge. */
export type Kind<T> = {
  readonly as: string;
  readonly isOptional?: true;
  /** Takes all words that are left: the last of a command. */
  readonly isRest?: true;
  /** Undefined where the text is no such value. */
  readonly read: (text: string, now: number) => T | undefined;
  /** `a whole number`: what was expected. */
  readonly expects: string;
  /** What the help says of it where it stands without an option; `expects` unless given. */
  readonly says?: string;
};

const kind = <T>(as: string, expects: string, read: Kind<T>['read']): Kind<T> => ({ as, expects, read });

export const words = kind('text', 'some text', (text) => (text.trim() === '' ? undefined : text));
/** A path, or `-` for standard input. */
export const file = kind('file', 'a file, or - for standard input', (text) => (text === '' ? undefined : text));
export const folder = kind('folder', 'a folder', (text) => (text === '' ? undefined : text));
export const count = kind('number', 'a whole number', (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined));
export const decimal = kind<Decimal>('decimal', 'a decimal such as 250.00', parseDecimal);

export const idOf = <K extends IdKind>(of: K): Kind<Id<K>> =>
  kind(
    of.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    `the id of one ${of.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
    (text) => parseId(of, text),
  );

export const oneOf = <const T extends string>(...options: readonly T[]): Kind<T> =>
  kind(options.join('|'), `one of ${options.join(', ')}`, (text) => options.find((option) => option === text));

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90s`, `15m`, `8h`, `30d`, `4w`, in seconds. */
export const duration = kind('duration', 'a duration such as 15m, 8h or 30d', secondsOf);

function secondsOf(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const seconds = Number(number) * (unitSeconds[unit ?? ''] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}

/** A date or instant (ISO 8601), or a duration from now; epoch milliseconds. */
export const moment = kind(
  'when',
  'a date such as 2027-06-30, an instant, or a duration from now such as 90d',
  (text, now) => {
    const seconds = secondsOf(text);
    if (seconds !== undefined) return now + seconds * 1000;
    if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : at;
  },
);

/** `order=1042`. */
export const pair = kind<readonly [string, string]>('name=value', 'a name, = and a value', (text) => {
  const at = text.indexOf('=');
  return at < 1 ? undefined : [text.slice(0, at), text.slice(at + 1)];
});

/** An argument with words of its own in the help. */
export const told = <T>(of: Kind<T>, says: string): Kind<T> => ({ ...of, says });

export const maybe = <T>(of: Kind<T>): Kind<T | undefined> => ({ ...of, isOptional: true });

/** One or more of them, as the last argument of a command. */
export const several = <T>(of: Kind<T>): Kind<readonly T[]> => ({
  ...of,
  isRest: true,
  read(text, now) {
    const value = of.read(text, now);
    return value === undefined ? undefined : [value];
  },
});

/** What to do next about a wrong value; whoever prints it knows of which command. */
export const seeExample = 'See the example: --help';

export function readValue<T>(of: Kind<T>, text: string, name: string, now: number): T {
  const value = of.read(text, now);
  if (value !== undefined) return value;
  throw new CliFault('usage', `${name}: expected ${of.expects}, got "${cleanText(text)}".`, seeExample);
}

/** An option that must be there. */
export const need = <T>(of: Kind<T>, says: string): Flag<T> => ({
  as: of.as,
  says,
  isRequired: true,
  read: (given, name, now) => readValue(of, only(given, name), name, now),
});

/** An option that may be there. */
export const may = <T>(of: Kind<T>, says: string): Flag<T | undefined> => ({
  as: of.as,
  says,
  isRequired: false,
  read: (given, name, now) => (given.length === 0 ? undefined : readValue(of, only(given, name), name, now)),
});

/** An option that may be there several times. */
export const many = <T>(of: Kind<T>, says: string): Flag<readonly T[]> => ({
  as: of.as,
  says: `${says} (may be repeated)`,
  isRequired: false,
  read: (given, name, now) => given.map((text) => readValue(of, text, name, now)),
});

/** An option without a value. */
export const whether = (says: string): Flag<boolean> => ({
  as: null,
  says,
  isRequired: false,
  read: (given) => given.length > 0,
});

function only(given: readonly string[], name: string): string {
  const [first, ...more] = given;
  if (first !== undefined && more.length === 0) return first;
  const what = first === undefined ? 'is missing' : 'was given more than once';
  throw new CliFault('usage', `${name} ${what}.`, seeExample);
}
