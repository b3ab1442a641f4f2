import { canonicalJson, compareDecimal, type PersonId } from '@ambit/protocol';
import type { Proposed } from '@ambit/protocol/wire';
import type { Action, ActionRecord, ActionShape, Classification, Field, Ruling, Source } from './action.ts';
import { defaults } from './defaults.ts';
import { printTemplate } from './path-template.ts';
import type { ValueSchema } from './value-schema.ts';
import { widened } from './widens.ts';

type Rank = (value: never) => number;
const order =
  (...words: readonly string[]): Rank =>
  (value: string) =>
    words.indexOf(value);
const raisedWhen =
  (raised: boolean): Rank =>
  (value: boolean) =>
    value === raised ? 1 : 0;

/** Fields that open or close a gate, each with its rank: a higher one is stricter. */
const gates: { readonly [F in Field]?: Rank } = {
  effect: order('read', 'write'),
  reversibility: order('reversible', 'compensable', 'irreversible'),
  reach: order('internal', 'external'),
  sensitivity: order('public', 'internal', 'sensitive'),
  answersForeignText: raisedWhen(true),
  mintsCredential: raisedWhen(true),
  opaque: raisedWhen(true),
  bodyIsPowerless: raisedWhen(false),
  asksEachTime: raisedWhen(true),
  costUnits: (value: string) => Number(value),
};

export const fields = Object.keys({
  effect: 0,
  reversibility: 0,
  reach: 0,
  costUnits: 0,
  answersForeignText: 0,
  mintsCredential: 0,
  opaque: 0,
  sensitivity: 0,
  bodyIsPowerless: 0,
  asksEachTime: 0,
  undo: 0,
  undoSeconds: 0,
  stream: 0,
  money: 0,
  resource: 0,
  lookAgain: 0,
  sentence: 0,
  idempotencyHeader: 0,
} satisfies Record<Field, 0>) as Field[];

/** Whether `a` closes more than `b`. A field without a rank (which argument is the amount?) is never merely stricter. */
export function isStricter<F extends Field>(field: F, a: Classification[F], b: Classification[F]): boolean {
  if (field === 'costUnits')
    return compareDecimal(a as Classification['costUnits'], b as Classification['costUnits']) > 0;
  const rank = gates[field] as ((value: Classification[F]) => number) | undefined;
  return rank !== undefined && rank(a) > rank(b);
}

/** What sums count, what a person is shown before a yes, and what takes a call back: no rank orders their words. */
const pointers: ReadonlySet<Field> = new Set(['money', 'resource', 'lookAgain', 'undo']);

/**
 * Whether a gate stands lower by `after` than by `before`. Of a field that points at something, any other word than the
 * one that is there counts: which of two amounts a sum should count, nobody here tells.
 */
export function isLower<F extends Field>(field: F, before: Classification[F], after: Classification[F]): boolean {
  if (isStricter(field, before, after)) return true;
  // A stream has bounds of its own in place of those for any answer.
  const isOpener = field === 'stream' ? after !== null : pointers.has(field) && before !== null;
  return isOpener && !same(before, after);
}

function stricter<F extends Field>(
  field: F,
  a: Classification[F],
  b: Classification[F] | undefined,
): Classification[F] {
  return b !== undefined && isStricter(field, b, a) ? b : a;
}

/** What would count if no person had ruled: the default, raised by the description, never lowered by it. */
function unruled<F extends Field>(record: ActionRecord, base: Classification, field: F): Classification[F] {
  return stricter(field, stricter(field, base[field], record.proposed[field]), record.floor[field]);
}

/**
 * The action as it counts now. INVARIANT (self-classified): a proposal that lowers a gate is ignored until a person
 * confirmed it; one that raises counts at once, also over what a person said before.
 */
export function effective(record: ActionRecord): Action {
  const base = defaults(record.shape);
  const chosen: Partial<Record<Field, unknown>> = {};
  const sources: Partial<Record<Field, Source>> = {};
  for (const field of fields) [chosen[field], sources[field]] = choose(record, base, field);
  return {
    ...withPatterns(record),
    ...(chosen as Classification),
    sources: sources as Action['sources'],
    held: record.held,
    state: record.confirmed !== null && pending(record).length === 0 ? 'confirmed' : 'proposed',
  };
}

/** The shape with a person's patterns in place of the description's. */
function withPatterns({ shape, patterns }: ActionRecord): ActionShape {
  if (Object.keys(patterns).length === 0) return shape;
  const patterned = (argument: string, schema: ValueSchema) =>
    patterns[argument] === undefined ? schema : { ...schema, pattern: patterns[argument] };
  const { parameters, body } = shape;
  const leaves = Object.entries(body?.arguments ?? {}).map(([name, schema]) => [name, patterned(name, schema)]);
  return {
    ...shape,
    parameters: parameters.map((one) => ({ ...one, schema: patterned(one.argument, one.schema) })),
    body: body === null ? null : { ...body, arguments: Object.fromEntries(leaves) },
  };
}

function choose<F extends Field>(record: ActionRecord, base: Classification, field: F): [Classification[F], Source] {
  const value = unruled(record, base, field);
  const ruling = record.rulings[field] as Ruling<F> | undefined;
  if (ruling !== undefined) {
    const raisedSince = isStricter(field, value, ruling.against) && isStricter(field, value, ruling.value);
    if (!raisedSince) return [ruling.value, ruling.source];
  }
  return [value, same(value, base[field]) ? 'default' : 'description'];
}

const same = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b);

/** What the description proposes and nobody has ruled on. */
export function pending(record: ActionRecord): Proposed[] {
  const base = defaults(record.shape);
  return fields.flatMap((field) => {
    const proposed = record.proposed[field];
    if (proposed === undefined) return [];
    const [now] = choose(record, base, field);
    const ruling = record.rulings[field];
    const ruledOn = ruling !== undefined && same(ruling.seen, proposed) && same(now, ruling.value);
    return ruledOn || same(now, proposed) ? [] : [{ field, now, proposed, lowers: isLower(field, now, proposed) }];
  });
}

/** The record with a person's word on some fields. */
export function ruled(
  record: ActionRecord,
  words: Partial<Classification>,
  by: { readonly person: PersonId; readonly at: number; readonly source: 'overlay' | 'person' },
): ActionRecord {
  const base = defaults(record.shape);
  const rulings: Record<string, unknown> = { ...record.rulings };
  const floor: Partial<Classification> = { ...record.floor };
  for (const field of fields.filter((one) => words[one] !== undefined)) {
    rulings[field] = {
      value: words[field],
      source: by.source,
      by: by.person,
      at: by.at,
      against: unruled(record, base, field),
      seen: record.proposed[field] ?? null,
    };
    delete floor[field];
  }
  return { ...record, rulings: rulings as ActionRecord['rulings'], floor };
}

/** The record with every proposal confirmed, and no longer held. */
export function confirmed(record: ActionRecord, by: { readonly person: PersonId; readonly at: number }): ActionRecord {
  const words = Object.fromEntries(pending(record).map((one) => [one.field, one.proposed])) as Partial<Classification>;
  const agreed = ruled(record, words, { ...by, source: 'person' });
  return { ...agreed, held: null, confirmed: { by: by.person, at: by.at } };
}

/** A new action: the description's words are proposals. */
export function fresh(
  shape: ActionShape,
  proposed: Partial<Classification>,
  origin: ActionRecord['origin'],
): ActionRecord {
  return {
    shape,
    proposed,
    floor: {},
    rulings: {},
    patterns: {},
    confirmed: null,
    held: heldBecause(undefined, shape),
    origin,
    gone: false,
  };
}

/** The action after its description was imported again: it can be raised or held, never lowered. */
export function reimported(old: ActionRecord, shape: ActionShape, proposed: Partial<Classification>): ActionRecord {
  const next: ActionRecord = {
    ...old,
    shape,
    proposed,
    floor: {},
    held: old.held ?? heldBecause(old.shape, shape),
    origin: 'description',
    gone: false,
  };
  const [was, is] = [defaults(old.shape), defaults(shape)];
  const raised = fields.filter((field) => isStricter(field, unruled(old, was, field), unruled(next, is, field)));
  const floor = Object.fromEntries(raised.map((field) => [field, unruled(old, was, field)]));
  return { ...next, floor: floor as Partial<Classification> };
}

/** Grants name an action by its id: an id that comes to mean another request waits until a person has seen it. */
function heldBecause(before: ActionShape | undefined, now: ActionShape): string | null {
  if (now.hints.elsewhere !== null && before?.hints.elsewhere !== now.hints.elsewhere) {
    return `its description sends it to another server, ${now.hints.elsewhere}`;
  }
  if (before === undefined) return null;
  if (same(requestForm(before), requestForm(now))) {
    const wider = widened(before, now);
    return wider === undefined ? null : `its description now admits more in ${wider}`;
  }
  const [was, is] = [before, now].map((shape) => `${shape.method} ${printTemplate(shape.template)}`);
  if (was === is) return 'its description changed what its path parameters admit, or the type of its body';
  return `it was ${was} and its description now makes it ${is}`;
}

function requestForm(shape: ActionShape): unknown {
  const path = shape.parameters.filter((one) => one.in === 'path');
  return {
    method: shape.method,
    template: printTemplate(shape.template),
    path: path.map(({ name, schema: { example: _, ...schema }, style }) => ({ name, schema, style })),
    body: shape.body?.mediaTypes ?? null,
  };
}

/**
 * Undo and look-again point at other actions: an undo that does not exist, or that only reads, makes nothing compensable,
 * and only a read is ever run to show an approver something.
 */
export function settle(actions: ReadonlyMap<string, Action>): Map<string, Action> {
  const settled = new Map<string, Action>();
  for (const [id, action] of actions) {
    const canUndo = action.undo !== null && actions.get(action.undo)?.effect === 'write';
    const look = action.lookAgain === null ? undefined : actions.get(action.lookAgain);
    settled.set(id, {
      ...action,
      undo: canUndo ? action.undo : null,
      undoSeconds: canUndo ? action.undoSeconds : null,
      reversibility: action.reversibility === 'compensable' && !canUndo ? 'irreversible' : action.reversibility,
      lookAgain: look?.effect === 'read' && !look.opaque ? action.lookAgain : null,
    });
  }
  return settled;
}
