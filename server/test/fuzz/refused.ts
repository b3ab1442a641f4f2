import assert from 'node:assert/strict';
import { Refusal } from '../../src/foundation/index.ts';

/** What `act` returns, or the refusal that it throws. Anything else that is thrown goes on: it is no answer. */
export function attempt<T>(act: () => T): { readonly value: T } | { readonly refusal: Refusal } {
  try {
    return { value: act() };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

/** The refusal as an outcome: its code, and who refused. */
export function outcomeOf(refusal: Refusal): string {
  const { code, says, because } = refusal;
  assert.ok(says.length > 0 && says.length < 20_000, `${code} says nothing, or all too much`);
  assert.ok(because.isWellFormed() && says.isWellFormed(), `${code} holds what no entry can hold`);
  return `${code} by ${makerOf(refusal)}`;
}

const makers = new Set([
  'new Refusal',
  'refuse',
  'badCall',
  'badArgument',
  'refused',
  'fault',
  'new JsonFault',
  'invalid',
  'new ShapeFault',
]);

/**
 * The function that made the error, and where in it. What is said would not do for an outcome: names out of the input
 * stand in it.
 */
export function makerOf(error: Error): string {
  const frames = (error.stack ?? '').matchAll(
    /^ {4}at (?:async )?(new )?([\w$.<>]+)(?: \[as \w+\])? \(.*?:(\d+):\d+\)$/gm,
  );
  for (const [, made = '', name = '', line] of frames) if (!makers.has(made + name)) return `${made}${name}:${line}`;
  return 'somebody';
}
