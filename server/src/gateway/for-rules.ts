import type { JsonValue } from '@ambit/protocol';
import { JsonNumber } from '@ambit/protocol';
import { type Action, type CatalogSnapshot, declaredArguments, type MatchedCall } from '../catalog/index.ts';
import type { ActionForSchema } from '../policy/index.ts';

/** An action as the organisation's rules see it: its arguments by name and type. */
export function actionForRules(action: Action): ActionForSchema {
  const known = forRules.get(action);
  if (known !== undefined) return known;
  const { id, effect, reversibility, reach } = action;
  const made = { id, effect, reversibility, reach, arguments: declaredArguments(action) };
  forRules.set(action, made);
  return made;
}

// Snapshots are immutable and shared by many calls.
const forRules = new WeakMap<Action, ActionForSchema>();

/** A call of another action with the path arguments of this one; undefined where it needs what is not there. */
export function callForAction(
  snapshot: CatalogSnapshot,
  id: string,
  found: ReadonlyMap<string, JsonValue>,
): MatchedCall | undefined {
  const action = snapshot.action(id);
  const rawPath = action && pathFor(action, found);
  if (action === undefined || rawPath === undefined) return undefined;
  return snapshot.match(action.api, { method: action.method, rawPath, rawQuery: '', headers: [] });
}

/** The path of an action with these arguments, encoded; undefined where it needs one that is not there. */
export function pathFor(action: Action, found: ReadonlyMap<string, JsonValue>): string | undefined {
  const segments = action.template.map((segment) =>
    segment.map((part) => ('text' in part ? encodeURIComponent(part.text) : pathText(action, part.parameter, found))),
  );
  if (segments.some((parts) => parts.includes(undefined))) return undefined;
  return segments.map((parts) => `/${parts.join('')}`).join('');
}

function pathText(action: Action, parameter: string, found: ReadonlyMap<string, JsonValue>): string | undefined {
  const argument = action.parameters.find((one) => one.in === 'path' && one.name === parameter)?.argument;
  const value = argument === undefined ? undefined : found.get(argument);
  if (value instanceof JsonNumber) return value.text;
  return typeof value === 'string' ? encodeURIComponent(value) : undefined;
}
