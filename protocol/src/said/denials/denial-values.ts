import { integer, object, optional, type Shape, text } from '../../shape.ts';
import type { PartSource } from '../parts.ts';

type Row = { readonly kind: 'text' | 'action' | 'argument' | 'time' | 'number'; readonly source: PartSource };

/** What a refusal that is no decision speaks of, each with whose word it is. No secret is among them, and no token. */
export const denialValueRows = {
  /** The name of an API, as whoever called wrote it. */
  asked: { kind: 'text', source: 'call' },
  method: { kind: 'text', source: 'call' },
  path: { kind: 'text', source: 'call' },
  header: { kind: 'text', source: 'call' },
  argument: { kind: 'argument', source: 'call' },
  made: { kind: 'time', source: 'call' },
  /** What a token of ours is for. */
  audience: { kind: 'text', source: 'plane' },
  api: { kind: 'text', source: 'catalog' },
  action: { kind: 'action', source: 'catalog' },
  /** The methods that a path takes. */
  takes: { kind: 'text', source: 'catalog' },
  origin: { kind: 'text', source: 'catalog' },
  credential: { kind: 'text', source: 'plane' },
  until: { kind: 'time', source: 'plane' },
  bytesMax: { kind: 'number', source: 'plane' },
} as const satisfies Readonly<Record<string, Row>>;

export type DenialValueName = keyof typeof denialValueRows;
type IsNumber<N extends DenialValueName> = (typeof denialValueRows)[N]['kind'] extends 'time' | 'number' ? true : false;

/** Times are epoch milliseconds. */
export type DenialValues = { readonly [N in DenialValueName]?: IsNumber<N> extends true ? number : string };

/** Longer texts are cut here: the entry has them whole. */
const textMax = 100;
const numberMax = 8_640_000_000_000_000;

const isNumber = (name: DenialValueName): boolean => ['time', 'number'].includes(denialValueRows[name].kind);
const names = Object.keys(denialValueRows) as DenialValueName[];

export const denialValuesShape: Shape<DenialValues> = object(
  Object.fromEntries(
    names.map((name) => [
      name,
      optional<string | number>(isNumber(name) ? integer({ min: 0, max: numberMax }) : text({ max: textMax })),
    ]),
  ),
) as Shape<DenialValues>;

/** The values as an entry keeps them; `clean` takes out of what strangers wrote what must stand in no log. */
export function keptValues(values: DenialValues, clean: (text: string) => string): DenialValues {
  const kept = names.map((name): [string, string | number | undefined] => {
    const value: string | number | undefined = values[name];
    if (typeof value === 'number') return [name, isKept(value) ? value : undefined];
    const isOurs = denialValueRows[name].source !== 'call';
    return [name, value && shortened(isOurs ? value : clean(value))];
  });
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined && value !== ''));
}

const isKept = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= numberMax;

const shortened = (value: string): string =>
  value.length <= textMax ? value.toWellFormed() : `${value.slice(0, textMax - 1).toWellFormed()}…`;
