import assert from 'node:assert/strict';
import { canonicalJson, JsonFault, JsonNumber, type JsonValue, parseJson, plainJson, printJson } from '@ambit/protocol';
import type { Action } from '../../../src/catalog/action.ts';
import { readOpenApi } from '../../../src/catalog/importers/openapi.ts';
import { readBody } from '../../../src/catalog/read-body.ts';
import { actionsOf } from '../../../src/catalog/testing.ts';
import type { Random } from '../../../src/policy/cedar/generate.testing.ts';
import {
  asLenient,
  comparable,
  countOf,
  depthOf,
  nativeJson,
  randomJson,
  sameJson,
  sortedText,
  twins,
} from '../json.ts';
import { attempt, makerOf, outcomeOf } from '../refused.ts';
import { bytesOf, type Input, inputOf, type Target, textOf } from '../target.ts';

/*
 * An input begins with a line that says what reads it: `json` is the strict scanner alone, `object` a body of an
 * action in JSON, `form` the same as a form.
 */

const bounds = { depthMax: 12, nodesMax: 60 };

const schema = {
  type: 'object',
  required: ['amount'],
  properties: {
    amount: { type: 'integer', minimum: 1 },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    note: { type: 'string', maxLength: 40 },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 5 },
    ids: { type: 'array', items: { type: 'integer' } },
    listed: { type: 'array', items: { type: 'string' } },
    price: { type: 'object', properties: { value: { type: 'number' }, exact: { type: 'boolean' } } },
  },
};
const encoding = { tags: { style: 'deepObject', explode: true }, listed: { style: 'form', explode: false } };

function actions(): ReadonlyMap<string, Action> {
  const operation = (operationId: string, type: string) => ({
    post: { operationId, requestBody: { required: true, content: { [type]: { schema, encoding } } } },
  });
  const paths = {
    '/object': operation('object', 'application/json'),
    '/form': operation('form', 'application/x-www-form-urlencoded'),
  };
  const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'bodies', version: '1' }, paths });
  return new Map(actionsOf(readOpenApi('api', text)).map((action) => [action.operation, action]));
}

// ---- the scanner

function checkScanner(text: string): string {
  const ours = scanned(text);
  const theirs = nativeJson(text);
  if ('fault' in ours) {
    if (theirs !== undefined) assertRefusedForAReason(text, theirs.value, ours.fault);
    return `json refused by ${makerOf(ours.fault)}`;
  }
  assert.ok(theirs !== undefined, 'JSON.parse refuses what the scanner reads');
  const { value } = ours;
  assert.equal(twins(text), undefined, 'a key stands twice in one object');
  assert.ok(depthOf(value) <= bounds.depthMax && countOf(value) <= bounds.nodesMax, 'a bound was passed');
  sameJson(value, theirs.value, 'JSON.parse reads another value');
  for (const text of numbersIn(value))
    assert.equal(figureOf(String(Number(text))), figureOf(text), 'a number that no double is');
  const printed = printJson(value);
  sameJson(nativeJson(printed)?.value, theirs.value, 'printed it is another value');
  assert.equal(printJson(parseJson(printed)), printed, 'printing what was printed changes it');
  const canonical = canonicalJson(value);
  assert.equal(canonical, canonicalJson(plainJson(value)), 'the canonical text depends on how numbers are kept');
  assert.equal(canonical, sortedText(theirs.value), 'the canonical text is not that of RFC 8785');
  return `json read: ${kindOf(value)}, ${Math.min(depthOf(value), 5)} deep`;
}

function scanned(text: string): { readonly value: JsonValue } | { readonly fault: JsonFault } {
  try {
    return { value: parseJson(text, bounds) };
  } catch (error) {
    if (error instanceof JsonFault) return { fault: error };
    throw error;
  }
}

/** What JSON.parse takes is refused for one of few reasons, and the reason is there. */
function assertRefusedForAReason(text: string, value: unknown, { message }: JsonFault): void {
  const numbers = [...text.replace(/"(?:[^"\\]|\\.)*"/gs, '""').matchAll(/-?[0-9][0-9.eE+-]*/g)].map(([one]) => one);
  const isOdd = (one: string) =>
    /[eE]/.test(one) || /^-[0.]+$/.test(one) || /\.[0-9]{16}/.test(one) || significant(one).length > 15;
  const reasons: readonly [words: RegExp, isThere: () => boolean][] = [
    [/stands twice/, () => twins(text) !== undefined],
    [/surrogate/, () => /\\u[dD][89a-fA-F]/.test(text)],
    [/nested deeper/, () => depthOf(value) > bounds.depthMax || twins(text) !== undefined],
    [/more values/, () => countOf(value) > bounds.nodesMax || twins(text) !== undefined],
    [/number|zero/i, () => numbers.some(isOdd)],
  ];
  const reason = reasons.find(([words]) => words.test(message));
  assert.ok(reason?.[1](), `JSON.parse reads what is refused with: ${message}`);
}

function numbersIn(value: JsonValue): string[] {
  if (value instanceof JsonNumber) return [value.text];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

/** The digits that count and the power of ten, of a number however it is written. */
function figureOf(figure: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-]?[0-9]+))?$/.exec(figure) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const counting = digits.replace(/0+$/, '');
  return `${sign}${counting} ${counting === '' ? 0 : Number(power) - fraction.length + digits.length - counting.length}`;
}

const significant = (figure: string) => figure.replace(/[-.]/g, '').replace(/^0+/, '');
const kindOf = (value: JsonValue) =>
  value instanceof JsonNumber ? 'number' : Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;

// ---- bodies of actions

type Read = { readonly arguments: ReadonlyMap<string, JsonValue>; readonly text: string };

function read(action: Action, type: string, bytes: Uint8Array) {
  const found = new Map<string, JsonValue>();
  return attempt((): Read => {
    const body = readBody(action, new Map([['content-type', [type]]]), bytes, found);
    assert.equal(body.kind, 'read');
    return { arguments: found, text: body.kind === 'read' ? Buffer.from(body.bytes).toString() : '' };
  });
}

function checkObject(action: Action, body: Buffer): string {
  const told = read(action, 'application/json', body);
  if ('refusal' in told) return `object ${outcomeOf(told.refusal)}`;
  const first = told.value;
  assertStable(action, 'application/json', first);
  const theirs = nativeJson(body.toString('utf8'));
  assert.ok(theirs !== undefined, 'JSON.parse refuses what is sent on');
  sameJson(nativeJson(first.text)?.value, theirs.value, 'another body is sent');
  assert.equal(
    twins(body.toString('utf8'), asLenient),
    undefined,
    'two names of a member that servers may take for one',
  );
  assert.deepEqual(new Map(plain(first)), new Map(leavesOf(theirs.value, 'body')), 'other arguments');
  return `object read: ${kindsOf(action, first)}`;
}

function checkForm(action: Action, body: Buffer): string {
  const type = 'application/x-www-form-urlencoded';
  const told = read(action, type, body);
  if ('refusal' in told) return `form ${outcomeOf(told.refusal)}`;
  const first = told.value;
  assertStable(action, type, first);
  const text = body.toString('latin1');
  const [came, sent] = [byName(text), byName(first.text)];
  assert.deepEqual(sent, came, 'a reader of forms sees another body than came');
  for (const [name, values] of came) {
    const argument = `body.${name.replace(/\[\]$/, '').replaceAll('.', '%2E').replaceAll('[', '.').replaceAll(']', '')}`;
    const value = first.arguments.get(argument);
    const texts = Array.isArray(value) ? value.map(textOfOne) : [textOfOne(value)];
    const listed = argument === 'body.listed' ? values.flatMap((one) => one.split(',')) : values;
    assert.deepEqual(texts, listed, `${argument} is not what came`);
  }
  assert.equal(first.arguments.size, came.size, 'an argument from nowhere');
  assert.match(first.text, /^[A-Za-z0-9\-._~%=&,]*$/);
  const lenient = [...came.keys()].map((name) => asLenient(name.replace(/\[\]$/, '')));
  assert.equal(new Set(lenient).size, lenient.length, 'two names of a member that servers may take for one');
  return `form read: ${kindsOf(action, first)}`;
}

const kindsOf = (action: Action, { arguments: found }: Read) =>
  [...new Set([...found.keys()].map((one) => (one in action.body!.arguments ? one : 'other')))]
    .sort()
    .slice(0, 3)
    .join(' ');

const textOfOne = (value: unknown) => (value instanceof JsonNumber ? value.text : String(value));

/** Every name with its values, in the reading of URLs and browsers. */
function byName(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) found.set(name, [...(found.get(name) ?? []), value]);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function assertStable(action: Action, type: string, first: Read): void {
  const again = read(action, type, Buffer.from(first.text));
  assert.ok('value' in again, 'what is sent would be refused');
  assert.equal(again.value.text, first.text, 'what is sent would be sent otherwise');
  assert.deepEqual(plain(again.value), plain(first), 'what is sent has other arguments');
}

const plain = ({ arguments: found }: Read) =>
  [...found].map(([name, value]): [string, unknown] => [name, comparable(value)]);

function leavesOf(value: unknown, at: string): [string, unknown][] {
  const seen = comparable(value);
  if (!(seen instanceof Map) || seen.size === 0) return [[at, seen]];
  return Object.entries(value as object).flatMap(([name, one]) =>
    leavesOf(one, `${at}.${name.replaceAll('%', '%25').replaceAll('.', '%2E')}`),
  );
}

// ---- inputs

const members = [
  'amount',
  'currency',
  'note',
  'tags',
  'ids',
  'listed',
  'price',
  'Amount',
  'extra',
  'Extra',
  '__proto__',
  'a.b',
];

function generate(random: Random): Input {
  const kind = random.pick(['json', 'object', 'form']);
  if (kind !== 'form') {
    const value = randomJson(random, 4, members);
    // With what the action needs, so that more of the rest is looked at.
    const isNeeded = kind === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value);
    return inputOf(`${kind}\n${JSON.stringify(isNeeded ? { ...value, amount: 5 } : value, null, random.pick([0, 1]))}`);
  }
  const names = [...members, 'tags[]', 'price[value]', 'price[exact]', 'a[b][c]', 'ids', 'ids'];
  const pairs = Array.from({ length: 1 + random.below(5) }, () => {
    const value = random.pick(['1', '25', 'USD', 'a+b', 'a%20b', 'x,y', '%2C', 'true', '1.50', '', '%C3%A9']);
    return `${random.pick(names)}=${value}`;
  });
  return `form\n${['amount=5', ...pairs].slice(random.below(2)).join('&')}`;
}

export const target: Target = {
  holds: 'a body has one meaning for every reader, or is refused',
  dictionary: [
    ...[
      '"amount":',
      '"Amount":1',
      '"body.amount"',
      '{"a":',
      '[[',
      ']]',
      '1e3',
      '-0',
      '0.10',
      '1.0000000000000001',
      '"\\ud800"',
    ],
    ...[
      'amount=1',
      '&amount=2',
      'tags[]=a',
      'price[value]=1',
      'listed=a%2Cb',
      '[]=',
      '%5B%5D',
      '=',
      '+',
      '_method=GET',
      '\\u0061mount',
    ],
  ],
  inputBytesMax: 3000,
  millisecondsMax: 500,
  reaches: [
    ...['json read: object', 'json read: number', 'json refused by readObject', 'json refused by deeper'],
    ...['json refused by readNumber', 'json refused by readString', 'json refused by readValue'],
    ...['object read: ', 'object catalog.body_ambiguous by refuseTwins', 'form read: '],
    ...['form catalog.body_ambiguous by refuseTwins', 'form catalog.argument_missing by judgeMembers'],
  ],
  seeds: () => [
    'json\n{"a":[1,2.50,"x\\u00e9",null,true],"b":{"c":{}}}',
    'json\n{"a":1,"a":2}',
    'json\n[-0,1e5,1234567890123456]',
    'json\n"\\ud800"',
    `json\n${'['.repeat(13)}${']'.repeat(13)}`,
    `json\n[0${',0'.repeat(60)}]`,
    'object\n{"amount":500,"currency":"USD","price":{"value":1.50},"tags":["a"]}',
    'form\namount=500&tags[]=a&tags[]=b+c&metadata[order]=1042&listed=a,b&ids=1&ids=2',
  ],
  generate,
  open: () => {
    const known = actions();
    return {
      check(input) {
        const line = input.indexOf('\n');
        const [reader, rest] = line < 0 ? ['json', input] : [input.slice(0, line), input.slice(line + 1)];
        if (reader === 'form') return checkForm(known.get('form')!, bytesOf(rest));
        if (reader === 'object') return checkObject(known.get('object')!, bytesOf(rest));
        return checkScanner(textOf(rest));
      },
    };
  },
};
