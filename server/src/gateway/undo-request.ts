import type { UndoTask } from '@ambit/protocol';
import { type Action, argumentParts, type CatalogSnapshot, type MatchedCall } from '../catalog/index.ts';
import { type Fields, refuse } from '../foundation/index.ts';
import { pathFor } from './for-rules.ts';

type Values = UndoTask['arguments'];

/** The one request that the action makes of these arguments, read like any that comes from outside. */
export function undoRequest(snapshot: CatalogSnapshot, action: Action, values: Values): MatchedCall {
  const found = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  const rawPath = pathFor(action, found);
  const body = bodyOf(action, values);
  if (rawPath === undefined) throw refuse('undo.incomplete', `the path of ${action.id} is not known`);
  const matched = snapshot.match(action.api, {
    method: action.method,
    rawPath,
    rawQuery: queryOf(action, values),
    headers: headersOf(action, values, body !== undefined),
    ...(body !== undefined && { body: new TextEncoder().encode(JSON.stringify(body)) }),
  });
  if (matched.action.id !== action.id)
    throw refuse('undo.incomplete', `${rawPath} means ${matched.action.id}, not ${action.id}`);
  return matched;
}

function queryOf(action: Action, values: Values): string {
  const query = new URLSearchParams();
  for (const { in: where, name, argument } of action.parameters) {
    const value = values[argument];
    if (where === 'query' && value !== undefined) query.append(name, String(value));
  }
  return query.toString();
}

function headersOf(action: Action, values: Values, hasBody: boolean): [string, string][] {
  const declared = action.parameters.flatMap(({ in: where, name, argument }): [string, string][] => {
    const value = values[argument];
    return where === 'header' && value !== undefined ? [[name, String(value)]] : [];
  });
  return hasBody ? [...declared, ['content-type', jsonTypeOf(action)]] : declared;
}

function jsonTypeOf({ id, body }: Action): string {
  const media = body?.mediaTypes.find(({ reader }) => reader === 'json');
  if (media !== undefined) return media.type;
  throw refuse('undo.incomplete', `${id} takes no body of JSON`);
}

/** Undefined where nothing of it is known: an action that needs one then refuses the request. */
function bodyOf({ body }: Action, values: Values): Fields | undefined {
  const leaves = Object.entries(values).filter(([name]) => name.startsWith('body.'));
  if (body === null || leaves.length === 0) return undefined;
  const whole = members();
  for (const [name, value] of leaves) {
    const [, ...parts] = argumentParts(name);
    const last = parts.pop() ?? '';
    let at = whole;
    for (const part of parts) {
      at[part] ??= members();
      at = at[part] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return whole;
}

/** Without a prototype: a description names members as it likes, and `__proto__` is one like any other. */
const members = (): Record<string, unknown> => Object.create(null);
