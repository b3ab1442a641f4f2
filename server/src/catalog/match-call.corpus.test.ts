import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JsonNumber, type JsonValue } from '@ambit/protocol';
import { Refusal } from '../foundation/index.ts';
import type { Action } from './action.ts';
import { readOpenApi } from './importers/openapi.ts';
import { compileMatcher, locate, type Matcher, match, type RawCall } from './match-call.ts';
import { formOf, printTemplate } from './path-template.ts';
import { actionsOf, corporaFolder, corpusText, exampleCall, shopText } from './testing.ts';

const descriptions: readonly { api: string; file: string; operations: number }[] = [
  { api: 'github', file: 'github.api.github.com.json.gz', operations: 1223 },
  { api: 'stripe', file: 'stripe.2022-04.json.gz', operations: 417 },
  { api: 'slack', file: 'slack.web-api.json.gz', operations: 174 },
  { api: 'calendar', file: 'google.calendar.json.gz', operations: 37 },
  { api: 'drive', file: 'google.drive.json.gz', operations: 50 },
];

for (const { api, file, operations } of descriptions) {
  const text = corpusText(file);
  const skip = text === undefined ? `no corpora at ${corporaFolder}` : false;
  describe(`the description of ${api}`, { skip }, () => {
    const description = text === undefined ? undefined : readOpenApi(api, text);
    const actions = description === undefined ? [] : actionsOf(description);
    test(`imports whole: ${operations} operations`, () => {
      assert.equal(actions.length, operations);
      assert.equal(new Set(actions.map((one) => one.id)).size, operations);
      assert.deepEqual(
        description?.notes.filter((one) => one.says.includes('left out')),
        [],
      );
    });
    test('each example call matches its operation and no other, and is sent as it was decided', () => {
      const matcher = compileMatcher(actions);
      for (const action of actions) holds(matcher, action, actions);
    });
  });
}

test('each example call of the shop matches its operation and no other', () => {
  const actions = actionsOf(readOpenApi('shop', shopText()));
  const matcher = compileMatcher(actions);
  for (const action of actions) holds(matcher, action, actions);
});

function holds(matcher: Matcher, action: Action, all: readonly Action[]): void {
  const call = exampleCall(action);
  assert.equal(locate(matcher, call).action.id, action.id);
  for (const other of candidates(call, all))
    assert.ok(other === action || isMoreLiteral(action, other), `${action.id} or ${other.id}`);
  if (action.body?.required === true && action.body.mediaTypes.every((one) => one.reader === null)) {
    unreadable(action, call);
    return;
  }
  const first = attempt(matcher, action, call);
  const again = attempt(matcher, action, {
    method: action.method,
    rawPath: first.path,
    rawQuery: first.query,
    headers: [
      ...first.headers,
      ...(first.body.kind === 'none' ? [] : [['content-type', first.body.mediaType] as const]),
    ],
    ...(first.body.kind === 'read' && { body: first.body.bytes }),
  });
  assert.equal(again.action.id, action.id);
  assert.equal(again.path, first.path);
  assert.equal(again.query, first.query);
  assert.deepEqual(plain(again.arguments), plain(first.arguments));
}

/** Nobody can decide on a file: it passes only where its owner said that it carries no power. */
function unreadable(action: Action, call: RawCall): void {
  const type = action.body?.mediaTypes[0]?.type ?? '';
  const sent: RawCall = { ...call, headers: [['content-type', type]], body: Buffer.from('x') };
  assert.throws(() => match(compileMatcher([action]), sent), { code: 'catalog.body_unreadable' });
  assert.equal(match(compileMatcher([{ ...action, bodyIsPowerless: true }]), sent).body.kind, 'streamed');
}

const naive = new WeakMap<Action, RegExp>();

/** The reading of a simple router: every template in which each parameter takes any text without a slash. */
function candidates(call: RawCall, all: readonly Action[]): Action[] {
  return all.filter((one) => {
    if (one.method !== call.method) return false;
    const expression =
      naive.get(one) ??
      new RegExp(
        `^${printTemplate(one.template)
          .replace(/[.$]/g, '\\$&')
          .replace(/\{[^}]*\}/g, '[^/]+')}$`,
      );
    naive.set(one, expression);
    return expression.test(call.rawPath);
  });
}

/** Where the two first differ, the first says more of the path literally. */
function isMoreLiteral(a: Action, b: Action): boolean {
  const at = a.template.findIndex((segment, i) => formOf(segment) !== formOf(b.template[i] ?? []));
  const letters = (one: Action) => formOf(one.template[at] ?? []).replaceAll('{}', '').length;
  return letters(a) > letters(b);
}

function attempt(matcher: Matcher, action: Action, call: RawCall) {
  try {
    return match(matcher, call);
  } catch (error) {
    if (error instanceof Refusal)
      assert.fail(
        `${action.id}: ${error.message} for ${call.method} ${call.rawPath}?${call.rawQuery} ${Buffer.from(call.body ?? []).toString()}`,
      );
    throw error;
  }
}

function plain(found: ReadonlyMap<string, JsonValue>): unknown {
  return [...found].map(([name, value]) => [name, value instanceof JsonNumber ? `number ${value.text}` : value]);
}
