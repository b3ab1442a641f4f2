import assert from 'node:assert/strict';
import { compareDecimal, type PersonId, parseDecimal } from '@ambit/protocol';
import { stringify } from 'yaml';
import type { Action, ActionRecord, Classification, Field } from '../../../src/catalog/action.ts';
import { confirmed, effective, fresh, ruled, settle } from '../../../src/catalog/classify.ts';
import { readOpenApi } from '../../../src/catalog/importers/openapi.ts';
import { compileMatcher, locate, type Matcher, match, type RawCall } from '../../../src/catalog/match-call.ts';
import { mergeImport, review } from '../../../src/catalog/merge-import.ts';
import { readOverlay } from '../../../src/catalog/overlay.ts';
import { formOf } from '../../../src/catalog/path-template.ts';
import { exampleCall, shopText } from '../../../src/catalog/testing.ts';
import { jsonMutation } from '../json-mutations.ts';
import { attempt, outcomeOf } from '../refused.ts';
import { requestApi } from '../request-api.ts';
import { inputOf, type Target, textOf } from '../target.ts';

/* An input is a description, in JSON or YAML; after a line that says `overlay`, what a person lays over the known one. */

const by = { person: 'psn_ada' as PersonId, at: 1 };

/** The catalog before the import: the same operations as imported, as confirmed, and as a person lowered them. */
type Known = { readonly how: string; readonly records: readonly ActionRecord[]; readonly matcher: Matcher };

function knownFrom(text: string): Known[] {
  const records = readOpenApi('odd', text).operations.map(({ shape, proposed }) =>
    fresh(shape, proposed, 'description'),
  );
  const words = { effect: 'read', reversibility: 'reversible', reach: 'internal', sensitivity: 'public' } as const;
  const all = [
    { how: 'imported', records },
    { how: 'confirmed', records: records.map((record) => confirmed(record, by)) },
    {
      how: 'lowered',
      records: records.map((record) => ruled(confirmed(record, by), words, { ...by, source: 'person' })),
    },
  ];
  return all.map((one) => ({ ...one, matcher: compileMatcher(actionsIn(one.records)) }));
}

const actionsIn = (records: readonly ActionRecord[]): Action[] => {
  const living = records.filter((record) => !record.gone);
  return [...settle(new Map(living.map((record) => [record.shape.id, effective(record)]))).values()];
};

function checkDescription(known: readonly Known[], text: string): string {
  const told = attempt(() => readOpenApi('odd', text));
  if ('refusal' in told) {
    assert.match(told.refusal.code, /^catalog\./);
    return outcomeOf(told.refusal);
  }
  const { operations, notes, format } = told.value;
  const ids = operations.map(({ shape }) => shape.id);
  assert.equal(new Set(ids).size, ids.length, 'two operations of one name');
  const actions = actionsIn(operations.map(({ shape, proposed }) => fresh(shape, proposed, 'description')));
  const matcher = compileMatcher(actions);
  for (const action of actions) assertStrict(action);
  for (const action of actions.slice(0, 12)) assertExample(matcher, action);
  const raised = known.map((one) => assertNotLowered(one, operations));
  return `${format}: ${Math.min(operations.length, 3)} operations, ${notes.length > 0 ? 'notes' : 'no notes'}, raised ${raised.join(' ')}`;
}

/** What nobody has confirmed is at least as strict as what is assumed of an unknown operation of its method. */
function assertStrict(action: Action): void {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(action.method)) {
    assert.equal(action.effect, 'write', `${action.id} reads by its own word`);
    assert.equal(action.reversibility, 'irreversible', `${action.id} is reversible by its own word`);
  }
  assert.equal(action.reach, 'external');
  assert.equal(action.bodyIsPowerless, false);
  assert.ok(action.answersForeignText && action.sensitivity !== 'public' && Number(action.costUnits) >= 1);
}

/** A call made from what the description says is that operation, another one that says more literally, or refused. */
function assertExample(matcher: Matcher, action: Action): void {
  const call = exampleOf(action);
  if (call === undefined) return;
  const told = attempt(() => locate(matcher, call));
  if ('refusal' in told) {
    assert.match(told.refusal.code, /^catalog\./);
    return;
  }
  const found = told.value.action;
  assert.ok(found.id === action.id || isMoreLiteral(found, action), `the example of ${action.id} is ${found.id}`);
}

function isMoreLiteral(a: Action, b: Action): boolean {
  const at = a.template.findIndex((segment, i) => formOf(segment) !== formOf(b.template[i] ?? []));
  const letters = (one: Action) => formOf(one.template[at] ?? []).replaceAll('{}', '').length;
  return letters(a) >= letters(b);
}

const examples = new WeakMap<Action, RawCall | undefined>();

/** Undefined where no plain value fits what the description declares. */
function exampleOf(action: Action): RawCall | undefined {
  if (examples.has(action)) return examples.get(action);
  let call: RawCall | undefined;
  try {
    call = exampleCall(action);
  } catch (error) {
    // The maker of examples gives up on schemas that admit nothing it can think of, and on patterns that it cannot fill.
    if (!(error instanceof Error)) throw error;
  }
  examples.set(action, call);
  return call;
}

// ---- a second import

const strictness: { readonly [F in Field]?: readonly unknown[] } = {
  effect: ['read', 'write'],
  reversibility: ['reversible', 'compensable', 'irreversible'],
  reach: ['internal', 'external'],
  sensitivity: ['public', 'internal', 'sensitive'],
  answersForeignText: [false, true],
  mintsCredential: [false, true],
  opaque: [false, true],
  bodyIsPowerless: [true, false],
  asksEachTime: [false, true],
};

function assertNotLowered({ how, records, matcher }: Known, operations: Parameters<typeof mergeImport>[1]): number {
  const merge = mergeImport(records, operations);
  const all = new Map(records.map((record) => [record.shape.id, record]));
  for (const record of [...merge.added, ...merge.changed, ...merge.removed]) all.set(record.shape.id, record);
  assert.ok(
    records.every((record) => all.has(record.shape.id)),
    'a name is free again',
  );
  review([...all.values()]);
  const [before, after] = [actionsIn(records), actionsIn([...all.values()])];
  const is = new Map(after.map((action) => [action.id, action]));
  const matcherAfter = compileMatcher(after);
  for (const { shape, proposed } of operations)
    assertRaised(how, unruledBefore(records, shape.id), is.get(shape.id), proposed);
  for (const was of before) {
    const now = is.get(was.id);
    if (now === undefined) continue;
    for (const field of Object.keys(strictness) as Field[]) assertNoLower(how, was, now, field);
    assert.ok(!isLess(now.costUnits, was.costUnits), `${how}: ${was.id} costs less`);
    assertNotWider(how, matcher, matcherAfter, now);
  }
  return Math.min(merge.raised.length, 2);
}

/** What counted before without a person's word: the least that a description has to say more than. */
function unruledBefore(records: readonly ActionRecord[], id: string): Action | undefined {
  const record = records.find((one) => one.shape.id === id);
  return record && effective({ ...record, rulings: {} });
}

/** A description that says more than what counted counts at once, also over a person's word. */
function assertRaised(
  how: string,
  was: Action | undefined,
  now: Action | undefined,
  proposed: Partial<Classification>,
): void {
  if (was === undefined || now === undefined) return;
  for (const [field, ranks] of Object.entries(strictness) as [Field, readonly unknown[]][]) {
    const wanted = ranks.indexOf(proposed[field]);
    if (wanted > ranks.indexOf(was[field]))
      assert.ok(
        ranks.indexOf(now[field]) >= wanted,
        `${how}: ${now.id} is not raised to ${proposed[field]} in ${field}`,
      );
  }
}

const isLess = (a: Classification['costUnits'], b: Classification['costUnits']) =>
  compareDecimal(parseDecimal(a)!, parseDecimal(b)!) < 0;

function assertNoLower(how: string, was: Action, now: Action, field: Field): void {
  const ranks = strictness[field] ?? [];
  assert.ok(
    ranks.indexOf(now[field]) >= ranks.indexOf(was[field]),
    `${how}: ${was.id} has its ${field} lowered from ${was[field]} to ${now[field]}`,
  );
}

/** A call that the new description admits and the old one did not waits for a person. */
function assertNotWider(how: string, before: Matcher, after: Matcher, now: Action): void {
  if (now.held !== null) return;
  const call = exampleOf(now);
  const told = call && attempt(() => match(after, call));
  if (call === undefined || told === undefined || 'refusal' in told || told.value.action.id !== now.id) return;
  const earlier = attempt(() => match(before, call));
  const isSame = 'value' in earlier && earlier.value.action.id === now.id;
  // What was another operation's before is that operation's no more: the path has one meaning still.
  const wasAnother = 'value' in earlier && earlier.value.action.id !== now.id;
  assert.ok(
    isSame || wasAnother,
    `${how}: ${now.id} takes what it did not, unseen: ${'refusal' in earlier ? earlier.refusal.message : ''}`,
  );
}

// ---- overlays

function checkOverlay({ records }: Known, text: string): string {
  const told = attempt(() => readOverlay('odd', text, records));
  if ('refusal' in told) {
    assert.match(told.refusal.code, /^catalog\./);
    return `overlay ${outcomeOf(told.refusal)}`;
  }
  const ids = new Set(records.map((record) => record.shape.id));
  for (const { action, words } of told.value) {
    assert.ok(ids.has(action), `an overlay speaks of ${action}, which is not there`);
    const record = records.find((one) => one.shape.id === action)!;
    const after = effective(ruled(record, words.fields, { ...by, source: 'overlay' }));
    for (const [field, value] of Object.entries(words.fields))
      assert.deepEqual(after[field as Field], value, `the word on ${field} does not count`);
  }
  const again = attempt(() => readOverlay('odd', JSON.stringify({ actions: {} }), records));
  assert.deepEqual(again, { value: [] });
  return `overlay: ${Math.min(told.value.length, 3)} words, ${[...new Set(told.value.flatMap(({ words }) => Object.keys(words.fields)))].sort()[0] ?? 'no'} field`;
}

// ---- inputs

/** Few operations, so that a change meets one that is known; the seed of most descriptions, and what was imported before. */
const small = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'small', version: '1' },
  paths: {
    '/orders': {
      get: {
        operationId: 'orders.list',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } }],
      },
    },
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9]{1,8}$' } }],
      get: { operationId: 'orders.get', 'x-ambit': { sensitivity: 'sensitive' } },
      delete: { operationId: 'orders.delete', 'x-ambit': { costUnits: '5', undo: 'orders.get' } },
    },
    '/refunds': {
      post: {
        operationId: 'refunds.create',
        'x-ambit': { money: { amount: 'body.amount', currency: 'USD' } },
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } },
        },
        responses: {
          200: {
            content: { 'application/json': { schema: { type: 'object', properties: { id: { type: 'string' } } } } },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      A: {
        type: 'object',
        required: ['amount'],
        additionalProperties: false,
        properties: { amount: { type: 'integer', maximum: 5000 } },
      },
    },
  },
});

const overlays = [
  {
    actions: {
      'orders.get': { effect: 'read', reach: 'internal' },
      'refunds.create': { money: { amount: 'body.amount', currency: 'USD' } },
    },
  },
  {
    overlay: '1.0.0',
    actions: [{ target: "$.paths['/orders'].get", update: { 'x-ambit': { sensitivity: 'public' } } }],
  },
  { actions: { 'orders.delete': { patterns: { 'path.id': '^[a-z]{1,20}$' }, costUnits: '2', undo: 'orders.get' } } },
];

/** Each level refers to the next one several times: written out it is larger than any memory. */
function bomb(levels: number): string {
  const level = (i: number) => ({
    type: 'object',
    properties: Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, { $ref: `#/components/schemas/L${i + 1}` }]),
    ),
  });
  const schemas = Object.fromEntries(Array.from({ length: levels }, (_, i) => [`L${i}`, level(i)]));
  const requestBody = { content: { 'application/json': { schema: { $ref: '#/components/schemas/L0' } } } };
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'bomb', version: '1' },
    paths: { '/pay': { post: { operationId: 'pay', requestBody } } },
    components: { schemas: { ...schemas, [`L${levels}`]: { type: 'string' } } },
  });
}

const swagger = {
  swagger: '2.0',
  info: { title: 'odd', version: '1' },
  host: 'api.example.com',
  basePath: '/v1',
  consumes: ['application/json'],
  paths: {
    '/orders/{id}': {
      get: { operationId: 'orders.get', parameters: [{ name: 'id', in: 'path', required: true, type: 'string' }] },
      put: {
        operationId: 'orders.put',
        parameters: [
          { name: 'id', in: 'path', required: true, type: 'string' },
          { name: 'b', in: 'body', schema: { $ref: '#/definitions/B' } },
        ],
      },
    },
    '/charges': {
      post: {
        operationId: 'charges.create',
        consumes: ['application/x-www-form-urlencoded'],
        parameters: [{ name: 'amount', in: 'formData', type: 'integer' }],
      },
    },
  },
  definitions: { B: { type: 'object', properties: { a: { type: 'integer' }, b: { $ref: '#/definitions/B' } } } },
};

const names = [
  ...[
    'paths',
    'get',
    'post',
    'put',
    'delete',
    'parameters',
    'requestBody',
    'content',
    'application/json',
    'schema',
    'properties',
    'required',
    'type',
    'items',
  ],
  ...[
    'enum',
    'pattern',
    'minLength',
    'maximum',
    '$ref',
    'operationId',
    'x-ambit',
    'effect',
    'reversibility',
    'reach',
    'sensitivity',
    'bodyIsPowerless',
    'opaque',
  ],
  ...[
    'allOf',
    'anyOf',
    'oneOf',
    'not',
    'nullable',
    'additionalProperties',
    'style',
    'explode',
    'in',
    'name',
    'servers',
    'url',
    'responses',
    '200',
    'headers',
    'Set-Cookie',
  ],
  ...[
    '/orders',
    '/orders/{id}',
    '/orders/{other}',
    '/users/{id}',
    '/users/me',
    '/files/{name}',
    'multipart/form-data',
    'format',
    'example',
    'default',
    'const',
    '__proto__',
  ],
];
const values = [
  ...[
    'string',
    'integer',
    'object',
    'array',
    'query',
    'path',
    'header',
    'cookie',
    'form',
    'deepObject',
    'read',
    'reversible',
    'internal',
    'public',
    'orders.get',
  ],
  ...[
    '#/paths/~1orders/get',
    '#/components/schemas/A',
    'https://evil.example/x.json',
    '#',
    '^(a+)+$',
    '^[a-z]+$',
    '.*',
    'id',
    'limit',
    '3.0.0',
    '3.1.0',
    '2.0',
  ],
  ...[
    true,
    false,
    null,
    0,
    1,
    -1,
    1e9,
    0.5,
    [],
    {},
    '',
    ['id'],
    ['null', 'string'],
    { type: 'string' },
    { type: 'object', additionalProperties: false },
    { $ref: '#/paths' },
  ],
  ...[
    {
      effect: 'read',
      reversibility: 'reversible',
      reach: 'internal',
      sensitivity: 'public',
      bodyIsPowerless: true,
      answersForeignText: false,
      costUnits: '0',
    },
  ],
  ...[
    { get: { operationId: 'users.get' } },
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    { url: 'https://elsewhere.example' },
  ],
];
const vocabulary = { names, values };
const onDescription = jsonMutation(vocabulary, (input) =>
  input.startsWith('overlay\n') ? ['overlay\n', input.slice(8), ''] : ['', input, ''],
);

export const target: Target = {
  holds: 'a description is read in bounded time, and neither lowers a gate nor admits more unseen',
  dictionary: [
    ...names.map((name) => `"${name}":`),
    '"$ref":"#/',
    '{id}',
    '{a}{b}',
    '/..',
    'x-',
    '&a ',
    '*a',
    '? ',
    '- ',
    ': |',
    '!!binary ',
  ],
  inputBytesMax: 12_000,
  millisecondsMax: 5000,
  ownShare: 0.85,
  mutations: [onDescription, onDescription, onDescription],
  reaches: [
    ...[
      'openapi-3.1: 3 operations',
      'openapi-3.0: ',
      'swagger-2.0: ',
      'catalog.description_invalid by readJson',
      'catalog.description_invalid by readOperations',
    ],
    ...['overlay: ', 'overlay catalog.overlay_invalid'],
  ],
  seeds: () =>
    [
      ...[small, requestApi, shopText(), JSON.stringify(swagger), stringify(JSON.parse(requestApi)), bomb(12)],
      small.replace('/refunds', '/orders/{other}').replace('"post"', '"get"'),
      small.replace('"money":', '"sensitivity":"sensitive","money":'),
      ...overlays.map((one) => `overlay\n${JSON.stringify(one)}`),
      `overlay\n${stringify(overlays[0])}`,
    ].map((text) => inputOf(text)),
  open: () => {
    const known = knownFrom(small);
    return {
      check(input) {
        const text = textOf(input);
        return text.startsWith('overlay\n') ? checkOverlay(known[0]!, text.slice(8)) : checkDescription(known, text);
      },
    };
  },
};
