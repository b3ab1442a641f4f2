import type { Part, PartSource, ValuePart } from './parts.ts';
import { valueText } from './parts.ts';

/** What the catalog says of an action, as far as sentences about it need it. */
export type ActionWords = {
  readonly api: string;
  /**
   * `Refund {body.amount} {body.currency} for order {path.orderId}`. `{body.customer|/name}` names a label in what was read
   * again, and `[ to {customer:/buyer/id|/buyer/name}]` a value that stands only there, with its kind and its label:
   * brackets fall out with all that is in them where nothing was read.
   */
  readonly sentence: string;
  readonly money: { readonly amount: string; readonly currency: string; readonly places: number } | null;
  readonly resource: { readonly type: string; readonly id: string } | null;
};

const reading = /\{([a-z][a-z0-9-]{0,39}):(\/[^{}|]{1,100})(?:\|(\/[^{}|]{1,100}))?\}/;
const bracket = /\[([^[\]{}]*)(\{[a-z][^{}]*\})([^[\]{}]*)\]/g;
const hole = /\{([A-Za-z0-9._%-]+)(?:\|(\/[^{}|]{1,100}))?\}/g;

/** The arguments that a template names, each with where its label is looked for. */
export const holesOf = (sentence: string): readonly { readonly argument: string; readonly label: string | null }[] =>
  [...sentence.matchAll(hole)].map(([, argument = '', label]) => ({ argument, label: label ?? null }));

/** The template without what only a look at the resource would tell. */
export const withoutReadings = (sentence: string): string =>
  sentence.replace(bracket, (whole, _before: string, inner: string) => (reading.test(inner) ? '' : whole));

/** Our words between holes, and what stands in a pair of brackets that something was read for. */
type Piece =
  | { readonly template: string }
  | { readonly before: string; readonly part: ValuePart; readonly after: string };

function piecesOf({ sentence, api }: ActionWords, lookedAgain: string | null): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, 0: whole, 1: before = '', 2: inner = '', 3: after = '' } of sentence.matchAll(bracket)) {
    const [, kind = '', at, label] = reading.exec(inner) ?? [];
    if (at === undefined) continue;
    pieces.push({ template: sentence.slice(end, index) });
    end = index + whole.length;
    const value = textAt(lookedAgain, at);
    if (value === null) continue;
    const name = textAt(lookedAgain, label);
    const named = name === null ? {} : { label: name };
    const part: ValuePart = { value, kind, id: `${api}:${kind}/${value}`, ...named, source: 'upstream' };
    pieces.push({ before, part, after });
  }
  return [...pieces, { template: sentence.slice(end) }];
}

/**
 * The sentence of an action with the values of one call, as parts. A value that is not there leaves its hole, so that
 * nobody reads a sentence that says less than its template.
 */
export function sayAction(
  words: ActionWords,
  values: Readonly<Record<string, unknown>>,
  lookedAgain: string | null = null,
): Part[] {
  const parts: Part[] = [];
  for (const piece of piecesOf(words, lookedAgain)) {
    if ('template' in piece) fill(parts, piece.template, words, values, lookedAgain);
    else parts.push(...[{ text: piece.before }, piece.part, { text: piece.after }].filter(isSomething));
  }
  return joined(parts);
}

const isSomething = (part: Part): boolean => !('text' in part) || part.text !== '';

/** Our words that follow each other are one text. */
function joined(parts: readonly Part[]): Part[] {
  const whole: Part[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (last !== undefined && 'text' in last && 'text' in part)
      whole[whole.length - 1] = { text: last.text + part.text };
    else whole.push(part);
  }
  return whole;
}

function fill(
  parts: Part[],
  template: string,
  words: ActionWords,
  values: Readonly<Record<string, unknown>>,
  lookedAgain: string | null,
): void {
  let end = 0;
  for (const { index, 0: found, 1: argument = '', 2: pointer } of template.matchAll(hole)) {
    if (!Object.hasOwn(values, argument)) continue;
    const between = template.slice(end, index);
    const part = valuePart(words, argument, values[argument], textAt(lookedAgain, pointer));
    const before = parts.at(-1);
    end = index + found.length;
    if (
      between === ' ' &&
      isCurrencyOf(words, argument) &&
      before !== undefined &&
      'kind' in before &&
      before.kind === 'amount'
    ) {
      parts[parts.length - 1] = { ...before, value: `${before.value} ${part.value}` };
      continue;
    }
    if (between !== '') parts.push({ text: between });
    parts.push(part);
  }
  if (end < template.length) parts.push({ text: template.slice(end) });
}

function valuePart(
  { money, resource, api }: ActionWords,
  argument: string,
  value: unknown,
  label: string | null,
): ValuePart {
  const text = valueText(value);
  const source: PartSource = 'call';
  const named = label === null ? {} : { label };
  if (argument === money?.amount) return { value: inWholeUnits(text, money.places), kind: 'amount', source };
  if (argument === resource?.id)
    return { value: text, kind: resource.type, id: `${api}:${resource.type}/${text}`, ...named, source };
  return { value: text, kind: typeof value === 'number' ? 'number' : 'text', ...named, source };
}

/** What counts hundredths is written out: nobody should read 8000 where 80.00 is meant. */
function inWholeUnits(text: string, places: number): string {
  if (places === 0 || !/^[0-9]{1,15}$/.test(text)) return text;
  const digits = text.padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

const isCurrencyOf = ({ money }: ActionWords, argument: string): boolean => argument === money?.currency;

/** A short text, or a whole number, at that place of a JSON text; null for anything else. */
function textAt(json: string | null, pointer: string | undefined): string | null {
  if (json === null || pointer === undefined) return null;
  const found = atPointer(json, pointer);
  if (typeof found === 'number' && Number.isSafeInteger(found)) return `${found}`;
  return typeof found === 'string' && found !== '' && found.length <= 200 ? found : null;
}

/** RFC 6901. Undefined where the text is no JSON, or has nothing there. */
export function atPointer(json: string, pointer: string): unknown {
  let at: unknown = readJson(json);
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

const placesMax = 5000;

/** Where in a JSON text this very value stands, as a pointer (RFC 6901); null where it does not, or not within the first places. */
export function pointerTo(json: string, value: unknown): string | null {
  let left = placesMax;
  function search(at: unknown, pointer: string): string | null {
    if (left-- <= 0) return null;
    if (at === value) return pointer;
    if (typeof at !== 'object' || at === null) return null;
    for (const [name, member] of Object.entries(at)) {
      const found = search(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      if (found !== null) return found;
    }
    return null;
  }
  const isScalar = typeof value === 'string' || typeof value === 'number';
  return isScalar ? search(readJson(json), '') : null;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // An answer may be of any kind: what is no JSON holds no place.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
