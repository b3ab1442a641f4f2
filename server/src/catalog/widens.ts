import { canonicalJson } from '@ambit/protocol';
import type { ActionShape, BodyShape } from './action.ts';
import type { ValueSchema } from './value-schema.ts';

/** What of query, headers and body the second shape may admit and the first does not; undefined where nothing. */
export function widened(before: ActionShape, now: ActionShape): string | undefined {
  for (const one of now.parameters.filter((each) => each.in !== 'path')) {
    const old = before.parameters.find((each) => each.argument === one.argument);
    const fits = old !== undefined && old.style === one.style && (one.required || !old.required);
    if (!fits || !isWithin(one.schema, old.schema)) return one.argument;
  }
  return now.body === null ? undefined : widenedBody(before.body, now.body);
}

function widenedBody(before: BodyShape | null, now: BodyShape): string | undefined {
  if (before === null || (before.required && !now.required)) return 'body';
  for (const [argument, schema] of Object.entries(now.arguments)) {
    const old = Object.hasOwn(before.arguments, argument) ? before.arguments[argument] : undefined;
    if (old === undefined || !isWithin(schema, old)) return argument;
    if (before.styles[argument] !== now.styles[argument]) return argument;
  }
  for (const [argument, object] of Object.entries(now.objects)) {
    const old = Object.hasOwn(before.objects, argument) ? before.objects[argument] : undefined;
    const isLooser =
      old === undefined ||
      (old.closed && !object.closed) ||
      (object.nullable && !old.nullable) ||
      old.required.some((name) => !object.required.includes(name));
    if (isLooser) return argument;
  }
  return lostMember(before, now);
}

// In an open object a member that is declared no more takes any value; so does a body that is not declared at all.
function lostMember(before: BodyShape, now: BodyShape): string | undefined {
  const isDeclared = now.objects.body !== undefined || now.arguments.body !== undefined;
  const isOpen = !isDeclared || Object.values(now.objects).some((one) => !one.closed);
  if (!isOpen) return undefined;
  return [...Object.keys(before.arguments), ...Object.keys(before.objects)].find(
    (name) => !Object.hasOwn(now.arguments, name) && !Object.hasOwn(now.objects, name),
  );
}

/** Whether each value of the first is one of the second. Where it cannot tell it says no. */
function isWithin(now: ValueSchema, before: ValueSchema): boolean {
  const { example: _now, format: _nowFormat, ...is } = now;
  const { example: _before, format: _beforeFormat, ...was } = before;
  if (canonicalJson(is) === canonicalJson(was)) return true;
  if (was.anyOf !== undefined && canonicalJson(is.anyOf ?? null) !== canonicalJson(was.anyOf)) return false;
  return (
    (was.types === undefined || (is.types?.every((one) => was.types?.includes(one)) ?? false)) &&
    (was.enum === undefined || (is.enum?.every((one) => was.enum?.includes(one)) ?? false)) &&
    (was.pattern === undefined || is.pattern === was.pattern) &&
    (was.items === undefined || (is.items !== undefined && isWithin(is.items, was.items))) &&
    isAtLeast(is.minLength, was.minLength) &&
    isAtLeast(is.minimum, was.minimum) &&
    isAtMost(is.maxLength, was.maxLength) &&
    isAtMost(is.maximum, was.maximum) &&
    isAtMost(is.maxItems, was.maxItems)
  );
}

const isAtLeast = (is: number | undefined, was: number | undefined) =>
  was === undefined || (is !== undefined && is >= was);
const isAtMost = (is: number | undefined, was: number | undefined) =>
  was === undefined || (is !== undefined && is <= was);
