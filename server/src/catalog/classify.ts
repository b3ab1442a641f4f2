import { canonicalJson, compareDecimal, decimalOf } from '@ambit/protocol';
import type { Action, ActionRecord, ActionShape, Classification, Field, Ruling, Source } from './action.ts';
import { literalOf, parameterNames, printTemplate } from './path-template.ts';
import type { ValueSchema } from './value-schema.ts';

/**
 * What counts without anybody's word: what is not known to be a read is a write, what is not known to be reversible is
 * irreversible, what seems to carry an operation in its body is opaque, what seems to answer a credential mints one.
 */
export function defaults(shape: ActionShape): Classification {
  const effect = seemsRead(shape) ? 'read' : 'write';
  return {
    effect,
    reversibility: effect === 'read' ? 'reversible' : 'irreversible',
    reach: 'external',
    costUnits: decimalOf('1'),
    answersForeignText: true,
    mintsCredential: seemsToMint(shape),
    opaque: seemsOpaque(shape),
    sensitivity: 'internal',
    bodyIsPowerless: false,
    undo: null,
    stream: null,
    money: null,
    resource: likelyResource(shape),
    lookAgain: null,
    sentence: plainSentence(shape),
    idempotencyHeader: shape.parameters.find((one) => one.argument === 'header.idempotency-key')?.name ?? null,
  };
}

const changingWords = new Set(
  `accept activate add approve archive assign ban block cancel clear close commit confirm create deactivate delete deny destroy
  disable dismiss enable execute grant install invite join kick kill leave lock logout mark merge move open pay post publish purge
  redeliver refund reject remove rename reorder replace rerun reset resend restore resume retry revoke rotate run send set
  share start stop submit subscribe suspend transfer trigger unarchive unassign unblock uninstall unlock unpublish unshare
  unsubscribe update upload vote write`.split(/\s+/),
);

const readingWords = new Set(
  'check compare count describe download fetch find get head list lookup query read retrieve search show'.split(' '),
);

// RFC 9110 §9.2.1 calls GET, HEAD and OPTIONS safe, but some APIs change things on GET: a changing word in the name raises.
function seemsRead(shape: ActionShape): boolean {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(shape.method)) return false;
  const last = shape.template.map(literalOf).findLast((text) => text !== undefined);
  const name = wordsOf(shape.operation.slice(shape.operation.indexOf('/') + 1));
  if (readingWords.has(name[0] ?? '')) return true;
  return !changingWords.has(name.at(-1) ?? '') && !changingWords.has(name[0] ?? '') && !changingWords.has(last ?? '');
}

/** Words in small letters: `admin_apps.clearResolution` → admin, apps, clear, resolution. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

const opaqueEndings =
  /^(\$?batch|graphql|\$?bulk|_bulk|_msearch|_search|jsonrpc|json-rpc|rpc|xmlrpc|sql|eval|multicall|query)$/i;
const operationMembers = new Set([
  'operations',
  'requests',
  'batch',
  'sql',
  'statement',
  'statements',
  'jsonrpc',
  'script',
]);
const opaqueMediaTypes = new Set([
  'application/graphql',
  'multipart/mixed',
  'application/sql',
  'application/sparql-query',
]);

/**
 * Opaque are: a body behind a path that ends in `graphql`, `batch`, `$batch`, `rpc`, `sql`, `_bulk` and the like; a body
 * with a member that holds operations (`operations`, `requests`, `batch`, `sql`, `statement`, `script`, `jsonrpc`); a body
 * with a text `query` next to `variables` or `operationName`, or behind a path that ends in `search`; GraphQL, SQL and
 * multipart/mixed media types. A filter in a query string is not: it stands in an argument that can be constrained.
 */
function seemsOpaque(shape: ActionShape): boolean {
  const literals = shape.template.map((segment) => segment.map((part) => ('text' in part ? part.text : '')).join(''));
  const last = literals.findLast((text) => text !== '') ?? '';
  const ending = last.slice(last.lastIndexOf(':') + 1);
  if (shape.body === null) return /^graphql$/i.test(ending);
  if (opaqueEndings.test(ending)) return true;
  if (shape.body.mediaTypes.some((one) => opaqueMediaTypes.has(one.type))) return true;
  const members = new Set(topMembers(shape));
  if ([...members].some((name) => operationMembers.has(name.toLowerCase()))) return true;
  return members.has('query') && (members.has('variables') || members.has('operationName') || /^search$/i.test(ending));
}

function topMembers(shape: ActionShape): string[] {
  const names = Object.keys({ ...shape.body?.arguments, ...shape.body?.objects });
  return names.flatMap((name) => (name.split('.').length === 2 ? [name.slice('body.'.length)] : []));
}

const credentialMember =
  /^(?:(?:access|refresh|id|session|auth|bearer|api|bot|registration|remove|jit)_?tokens?|tokens?|client_?secret|secret|secret_?key|private_?key|api_?key|password|pem|webhook_?secret|(?:presigned|signed|upload)_?url|(?:temporary_?)?credentials?|encoded_jit_config)$/i;
const credentialWords = new Set(
  'token tokens credential credentials login signin oauth presign presigned password jwt apikey apikeys secret'.split(
    ' ',
  ),
);

function seemsToMint(shape: ActionShape): boolean {
  if (shape.hints.setsCookie) return true;
  if (shape.hints.answerNames.some((name) => credentialMember.test(name))) return true;
  if (['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(shape.method)) return false;
  const words = [
    ...wordsOf(shape.operation),
    ...shape.template.flatMap((segment) => wordsOf(literalOf(segment) ?? '')),
  ];
  if (words.some((word) => credentialWords.has(word))) return true;
  return words.some((word, i) => word === 'api' && /^keys?$/.test(words[i + 1] ?? ''));
}

function likelyResource(shape: ActionShape): Classification['resource'] {
  const at = shape.template.findLastIndex((segment) => parameterNames(segment).length > 0);
  const type = literalOf(shape.template[at - 1] ?? []);
  const name = parameterNames(shape.template[at] ?? [])[0];
  const parameter = shape.parameters.find((one) => one.in === 'path' && one.name === name);
  return type === undefined || type === '' || parameter === undefined ? null : { type, id: parameter.argument };
}

function plainSentence(shape: ActionShape): string {
  const named = new Map(shape.parameters.filter((one) => one.in === 'path').map((one) => [one.name, one.argument]));
  return `${shape.method} ${printTemplate(shape.template).replace(/\{([^}]*)\}/g, (_, name) => `{${named.get(name) ?? name}}`)}`;
}

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
  undo: 0,
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

export type Pending = {
  readonly field: Field;
  readonly now: unknown;
  readonly proposed: unknown;
  readonly lowers: boolean;
};

/** What the description proposes and nobody has ruled on. */
export function pending(record: ActionRecord): Pending[] {
  const base = defaults(record.shape);
  return fields.flatMap((field) => {
    const proposed = record.proposed[field];
    if (proposed === undefined) return [];
    const [now] = choose(record, base, field);
    const ruling = record.rulings[field];
    const ruledOn = ruling !== undefined && same(ruling.seen, proposed) && same(now, ruling.value);
    return ruledOn || same(now, proposed) ? [] : [{ field, now, proposed, lowers: isStricter(field, now, proposed) }];
  });
}

/** The record with a person's word on some fields. */
export function ruled(
  record: ActionRecord,
  words: Partial<Classification>,
  by: { readonly person: string; readonly at: number; readonly source: 'overlay' | 'person' },
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
export function confirmed(record: ActionRecord, by: { readonly person: string; readonly at: number }): ActionRecord {
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
  if (before === undefined || same(requestForm(before), requestForm(now))) return null;
  return `it was ${before.method} ${printTemplate(before.template)} and its description now makes it ${now.method} ${printTemplate(now.template)}, or changed its path parameters or body type`;
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
 * Undo and look-again point at other actions: an undo that does not exist makes nothing compensable, and only a read
 * is ever run to show an approver something.
 */
export function settle(actions: ReadonlyMap<string, Action>): Map<string, Action> {
  const settled = new Map<string, Action>();
  for (const [id, action] of actions) {
    const canUndo = action.undo !== null && actions.has(action.undo);
    const look = action.lookAgain === null ? undefined : actions.get(action.lookAgain);
    settled.set(id, {
      ...action,
      undo: canUndo ? action.undo : null,
      reversibility: action.reversibility === 'compensable' && !canUndo ? 'irreversible' : action.reversibility,
      lookAgain: look?.effect === 'read' && !look.opaque ? action.lookAgain : null,
    });
  }
  return settled;
}
