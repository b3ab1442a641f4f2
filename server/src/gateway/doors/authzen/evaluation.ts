import { isUtf8 } from 'node:buffer';
import {
  anything,
  JsonFault,
  list,
  object,
  oneOf,
  optional,
  parse,
  parseJson,
  plainJson,
  record,
  ShapeFault,
  type ShapeOf,
  text,
} from '@ambit/protocol';
import { type RawRequest, type Refusal, refuse } from '../../../foundation/index.ts';

export const properties = optional(record(anything()));
export const typed = text({ max: 100 });
export const named = object({ type: typed, id: text({ max: 500 }), properties });
export const doing = object({ name: text({ max: 200 }), properties });
export const context = optional(record(anything()));

const evaluation = object({ subject: named, action: doing, resource: named, context });
/** One question of AuthZEN 1.0 §5. */
export type Evaluation = ShapeOf<typeof evaluation>;
export type Named = ShapeOf<typeof named>;

/** The answer to one question; `context` says what it rests on. */
export type Answer = { readonly decision: boolean; readonly context: Readonly<Record<string, unknown>> };

export const no = (basis: string, reason: string): Answer => ({ decision: false, context: { basis, reason } });

/** AuthZEN 1.0 §10: JSON, named so, and nothing else. */
export function bodyOf(raw: RawRequest): unknown {
  const type = (raw.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw refuse('request.malformed', `JSON expected, got ${type}`, 'Send application/json.');
  // What is no UTF-8 would be asked in other words than it was sent in.
  if (!isUtf8(raw.body)) throw refuse('request.malformed', 'the body is not UTF-8', 'Send the body as UTF-8.');
  return plainJson(parseJson(Buffer.from(raw.body).toString('utf8')));
}

/** What cannot be read is a 400 that names the place. */
export function unreadable(error: unknown): Refusal | undefined {
  if (!(error instanceof ShapeFault || error instanceof JsonFault)) return undefined;
  return refuse('request.malformed', error.message, error.message);
}

/** Fields that the standard does not know are ignored (AuthZEN 1.0 §5); what it knows is read strictly. */
export function readEvaluation(body: unknown): Evaluation {
  const { subject, action, resource, context: given } = membersOf(body);
  return parse(evaluation, {
    subject: pick(subject, ['type', 'id', 'properties']),
    action: pick(action, ['name', 'properties']),
    resource: pick(resource, ['type', 'id', 'properties']),
    ...(given === undefined ? {} : { context: given }),
  });
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function membersOf(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw refuse('request.malformed', 'an object was expected', 'Send a JSON object.');
}

export function pick(value: unknown, names: readonly string[]): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}

const semantics = oneOf('execute_all', 'deny_on_first_deny', 'permit_on_first_permit');
const evaluationsMax = 100;

export type Batch = {
  /** Null where the request is one evaluation. */
  readonly items: readonly unknown[] | null;
  readonly semantic: ShapeOf<typeof semantics>;
};

/** Keys of the request are defaults that an item's own key replaces whole. */
export function readBatch(body: unknown): Batch {
  const { evaluations, options, ...defaults } = membersOf(body);
  const given = options === undefined ? undefined : membersOf(options).evaluations_semantic;
  const semantic = given === undefined ? 'execute_all' : parse(semantics, given);
  if (evaluations === undefined || (Array.isArray(evaluations) && evaluations.length === 0))
    return { items: null, semantic };
  const items = parse(list(anything(), { max: evaluationsMax }), evaluations);
  return { items: items.map((item) => (isObject(item) ? { ...defaults, ...item } : item)), semantic };
}
