import assert from 'node:assert/strict';
import type { JsonValue } from '@ambit/protocol';
import type { Action } from '../../../src/catalog/action.ts';
import { readOpenApi } from '../../../src/catalog/importers/openapi.ts';
import {
  compileMatcher,
  locate,
  type MatchedCall,
  type Matcher,
  match,
  type RawCall,
} from '../../../src/catalog/match-call.ts';
import { textOfValue } from '../../../src/catalog/pairs.ts';
import { formOf, type Segment } from '../../../src/catalog/path-template.ts';
import { actionsOf, exampleCall, shopText } from '../../../src/catalog/testing.ts';
import { comparable, nativeJson, sameJson } from '../json.ts';
import { attempt, outcomeOf } from '../refused.ts';
import { requestApi } from '../request-api.ts';
import { bytesOf, type Input, inputOf, type Mutation, type Target } from '../target.ts';

/* An input is a request as it is written: a line of method and target, header lines, an empty line, the body. */

function callOf(input: Input): RawCall {
  const end = input.indexOf('\n\n');
  const head = end < 0 ? input : input.slice(0, end);
  const [line = '', ...fields] = head.split('\n');
  const space = line.indexOf(' ');
  const target = line.slice(space + 1);
  const mark = target.indexOf('?');
  return {
    method: line.slice(0, Math.max(0, space)),
    rawPath: mark < 0 ? target : target.slice(0, mark),
    rawQuery: mark < 0 ? '' : target.slice(mark + 1),
    headers: fields.map(fieldOf),
    ...(end >= 0 && { body: bytesOf(input.slice(end + 2)) }),
  };
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
}

const write = ({ method, rawPath, rawQuery, headers, body }: RawCall): Input =>
  `${method} ${rawPath}${rawQuery === '' ? '' : `?${rawQuery}`}\n${[...headers].map(([name, value]) => `${name}: ${value}\n`).join('')}\n${inputOf(body ?? '')}`;

type World = { readonly matcher: Matcher; readonly actions: readonly Action[] };

function openWorld(): World {
  const actions = [...actionsOf(readOpenApi('odd', requestApi)), ...shopActionsApart()];
  return { actions, matcher: compileMatcher(actions) };
}

/** The shop of the examples below a path of its own. */
function shopActionsApart(): Action[] {
  const description = JSON.parse(shopText()) as { paths: object };
  const paths = Object.fromEntries(Object.entries(description.paths).map(([path, item]) => [`/shop${path}`, item]));
  return actionsOf(readOpenApi('shop', JSON.stringify({ ...description, paths })));
}

function check(world: World, call: RawCall): string {
  const told = attempt(() => match(world.matcher, call));
  if ('refusal' in told) {
    assert.match(told.refusal.code, /^(?:catalog\.|request\.unsupported_media_type$)/);
    return outcomeOf(told.refusal);
  }
  const found = told.value;
  assert.equal(call.method, found.action.method, 'another method');
  assertStable(world, found);
  assertOneMeaning(world, call, found);
  assertSamePath(call, found);
  assertSameInAnyCase(world, found);
  assertSameQuery(call, found);
  assertSameBody(call, found);
  for (const [name, value] of found.headers)
    assert.ok(/^[a-z0-9-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value), `the field ${name} cannot be sent`);
  const names = [...found.arguments.keys()].map((name) => (isDeclared(found.action, name) ? name : 'another'));
  return `${found.action.id}: ${[...new Set(names)].sort().slice(0, 4).join(' ')}`;
}

const isDeclared = (action: Action, name: string) =>
  action.parameters.some((one) => one.argument === name) || action.body?.arguments[name] !== undefined;

/** match ∘ print: what is sent is what was decided. */
function assertStable({ matcher }: World, found: MatchedCall): void {
  const { body } = found;
  const again = attempt(() =>
    match(matcher, {
      method: found.action.method,
      rawPath: found.path,
      rawQuery: found.query,
      headers: [...found.headers, ...(body.kind === 'none' ? [] : [['content-type', body.mediaType] as const])],
      ...(body.kind === 'read' && { body: body.bytes }),
    }),
  );
  assert.ok('value' in again, `what is sent would be refused: ${'refusal' in again ? again.refusal.message : ''}`);
  const sent = again.value;
  assert.equal(sent.action.id, found.action.id, 'what is sent is another action');
  assert.deepEqual(
    [sent.path, sent.query, sent.headers, sent.resources],
    [found.path, found.query, found.headers, found.resources],
  );
  assert.deepEqual(sent.body, found.body, 'what is sent would be sent otherwise');
  assert.deepEqual(plain(sent.arguments), plain(found.arguments), 'what is sent has other arguments');
}

const plain = (found: ReadonlyMap<string, JsonValue>) => [...found].map(([name, value]) => [name, comparable(value)]);

/** Alone, another action may take the path too; then the one that was chosen says more of it literally. */
function assertOneMeaning({ actions }: World, call: RawCall, found: MatchedCall): void {
  for (const other of actions) {
    if (other === found.action || other.method !== call.method) continue;
    const alone = attempt(() => locate(matcherOf(other), call));
    if ('refusal' in alone) continue;
    assert.ok(isMoreLiteral(found.action, other), `${found.action.id} and ${other.id} both have this path`);
  }
}

const alone = new WeakMap<Action, Matcher>();

function matcherOf(action: Action): Matcher {
  const matcher = alone.get(action) ?? compileMatcher([action]);
  alone.set(action, matcher);
  return matcher;
}

/** Where the two first differ, the first says more of the path literally. */
function isMoreLiteral(a: Action, b: Action): boolean {
  const at = a.template.findIndex((segment, i) => formOf(segment) !== formOf(b.template[i] ?? []));
  const letters = (one: Action) => formOf(one.template[at] ?? []).replaceAll('{}', '').length;
  return letters(a) > letters(b);
}

const urlOf = (path: string, query: string) => new URL(`http://host.example${path}${query === '' ? '' : `?${query}`}`);

/** A server that ignores case, or folds wide forms, takes what is sent for nothing else. */
function assertSameInAnyCase({ matcher }: World, { action, path }: MatchedCall): void {
  const folded = decodeURIComponent(path).normalize('NFKC').toLowerCase();
  const rawPath = folded.split('/').map(encodeURIComponent).join('/');
  const told = attempt(() => locate(matcher, { method: action.method, rawPath }));
  if ('value' in told)
    assert.equal(told.value.action.id, action.id, 'to a server that ignores case it is another action');
}

/** The URL of the WHATWG sees the same segments in what came and in what is sent, and they are those of the arguments. */
function assertSamePath(call: RawCall, found: MatchedCall): void {
  const [came, sent] = [urlOf(call.rawPath, ''), urlOf(found.path, found.query)];
  assert.equal(sent.pathname, found.path, 'a client would send another path');
  assert.equal(sent.search, found.query === '' ? '' : `?${found.query}`, 'a client would send another query');
  const decoded = (url: URL) => url.pathname.split('/').slice(1).map(decodeURIComponent);
  assert.deepEqual(decoded(sent), decoded(came), 'another path is sent');
  const expected = found.action.template.map((segment) =>
    segment.map((part) => ('text' in part ? part.text : textAt(found, part.parameter))).join(''),
  );
  assert.deepEqual(decoded(sent), expected, 'the path is not what its arguments say');
  for (const [i, segment] of found.action.template.entries())
    assert.equal(waysToDivide(segment, expected[i]!), 1, 'a segment can be divided in more than one way');
}

/** In how many ways a text is the segment, each parameter at least one character long. */
function waysToDivide([part, ...rest]: Segment, text: string): number {
  if (part === undefined) return text === '' ? 1 : 0;
  if ('text' in part) return text.startsWith(part.text) ? waysToDivide(rest, text.slice(part.text.length)) : 0;
  if (rest.length === 0) return text === '' ? 0 : 1;
  let ways = 0;
  for (let length = 1; length <= text.length; length++) ways += waysToDivide(rest, text.slice(length));
  return ways;
}

function textAt(found: MatchedCall, name: string): string {
  const parameter = found.action.parameters.find((one) => one.in === 'path' && one.name === name);
  return textOfValue(found.arguments.get(parameter?.argument ?? '') ?? null);
}

function assertSameQuery(call: RawCall, found: MatchedCall): void {
  const byName = (query: string) => {
    const all = new Map<string, string[]>();
    for (const [name, value] of new URLSearchParams(query)) all.set(name, [...(all.get(name) ?? []), value]);
    return all;
  };
  const sent = byName(found.query);
  const raw = new Map(found.query.split('&').map((pair) => [pair.split('=')[0], pair.split('=')[1] ?? ''] as const));
  assert.deepEqual(sent, byName(call.rawQuery), 'another query is sent');
  for (const [name, values] of sent) {
    const parameter = found.action.parameters.find((one) => one.in === 'query' && one.name === name);
    assert.ok(parameter !== undefined, `the query names ${name}, which is not declared`);
    const value = found.arguments.get(parameter.argument);
    if (parameter.style === 'comma' && Array.isArray(value))
      assert.equal(raw.get(name)?.split(',').length, value.length, `the commas of ${name} do not separate any more`);
    const texts = Array.isArray(value) ? value.map(textOfValue) : [textOfValue(value ?? null)];
    assert.deepEqual(
      texts,
      parameter.style === 'comma' ? values.flatMap((one) => one.split(',')) : values,
      `${name} is not what came`,
    );
  }
}

function assertSameBody(call: RawCall, { action, body }: MatchedCall): void {
  assert.ok(body.kind !== 'none' || (call.body ?? []).length === 0, 'a body is dropped');
  if (body.kind !== 'read') return;
  const [came, sent] = [Buffer.from(call.body ?? []).toString('utf8'), Buffer.from(body.bytes).toString('utf8')];
  if (action.body?.mediaTypes.find((one) => one.type === body.mediaType)?.reader === 'json')
    sameJson(nativeJson(sent)?.value, nativeJson(came)?.value, 'another body is sent');
  else
    assert.deepEqual(
      [...new URLSearchParams(sent)].sort(),
      [...new URLSearchParams(came)].sort(),
      'another form is sent',
    );
}

const written = [
  'GET /orders?limit=20&status=open&ids=1,2&tag=a&tag=b\nx-trace: abc\n\n',
  'POST /orders/1042/refunds\ncontent-type: application/json\n\n{"amount":500,"currency":"USD","note":"late"}',
  'POST /charges\ncontent-type: application/x-www-form-urlencoded\nidempotency-key: k\n\namount=5&tags[]=a&tags[]=b',
  'GET /orders/1%3A2/notes/\n\n',
  'GET /orders/1/part\n\n',
  'GET /compare/main...topic\n\n',
  'POST /files/a.txt:cancel\n\n',
  'GET /files/a.json\n\n',
  'GET /numbers/42\n\n',
  'GET /words/a%2Db\n\n',
  'POST /pay\ncontent-type: application/json; charset=utf-8\n\n{"price":{"amount":5},"list":[1]}',
  'PUT /upload\ncontent-type: application/octet-stream\n\nbytes',
  'PATCH /users/me\ncontent-type: application/json\n\n{"amount":1}',
];

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'get', 'TRACE', ''];
const fields = [
  'content-type: application/json',
  'content-type: application/x-www-form-urlencoded',
  'Content-Type: text/plain',
  'x-http-method-override: DELETE',
  'X-Original-URL: /payroll',
  'content-encoding: gzip',
  'x-trace: a',
  'x-trace: a,b',
  'idempotency-key: \u00e9',
];

const changeMethod: Mutation = (random, input) => `${random.pick(methods)}${input.slice(input.indexOf(' '))}`;
const addField: Mutation = (random, input) => input.replace('\n', `\n${random.pick(fields)}\n`);
/** Takes over the target of the other one, in part or whole, and keeps its own rest. */
const crossPath: Mutation = (random, input, other) => {
  const [mine, theirs] = [input, other].map((one) => one.slice(one.indexOf(' ') + 1, one.indexOf('\n')));
  const [a, b] = [(mine ?? '').split('/'), (theirs ?? '').split('/')];
  const joined = [...a.slice(0, random.below(a.length + 1)), ...b.slice(random.below(b.length + 1))].join('/');
  return input.replace(mine ?? '', () => joined);
};
const addPair: Mutation = (random, input, other) => {
  const pair = other.split(/[?&\n ]/).find((piece) => piece.includes('=')) ?? 'limit=1';
  const mark = input.search(/\?/);
  return random.chance(0.5) || mark < 0
    ? input.replace('\n', () => `${mark < 0 ? '?' : '&'}${pair}\n`)
    : `${input}&${pair}`;
};

export const target: Target = {
  holds: 'a request has one meaning, which is what is sent, or is refused',
  dictionary: [
    ...[
      '/orders',
      '/export',
      '/refunds',
      '/users/me',
      '/files/',
      ':cancel',
      '.json',
      '...',
      '/compare/',
      '/numbers/-1',
      '/charges',
      '/pay',
    ],
    ...[
      '?limit=',
      '&status=open',
      'ids=1,2',
      'tag=',
      'tag[]=',
      '%2C',
      '%26',
      '%3D',
      '%2B',
      'Limit=1',
      '_method=DELETE',
      'content-type: ',
      '"amount":',
      '%EF%BC%8E',
      '%E2%84%AA',
    ],
  ],
  inputBytesMax: 1200,
  millisecondsMax: 500,
  mutations: [changeMethod, addField, crossPath, crossPath, addPair],
  reaches: [
    ...[
      'odd:orders.list: ',
      'odd:refunds.create: ',
      'odd:charges.create: ',
      'odd:compare: ',
      'odd:files.cancel: ',
      'odd:pay: ',
      'shop:',
    ],
    ...[
      'catalog.no_match by actionAt',
      'catalog.path_ambiguous by stepInto',
      'catalog.path_ambiguous by refuseTwoSplits',
      'catalog.query_ambiguous',
    ],
    ...[
      'catalog.header_refused',
      'catalog.body_ambiguous',
      'catalog.body_unexpected',
      'catalog.argument_invalid by pathValue',
    ],
  ],
  seeds: () => [...written, ...openWorld().actions.map((action) => write(exampleCall(action)))],
  open: () => {
    const world = openWorld();
    return { check: (input) => check(world, callOf(input)) };
  },
};
