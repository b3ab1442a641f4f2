import { JsonFault, JsonNumber, type JsonValue, parseJson } from '@ambit/protocol';
import { GuardRefusal } from './guard-refusal.ts';

/** What came with a request, as the framework read it. */
export type GivenArguments = {
  readonly path: unknown;
  readonly query: unknown;
  /** The parsed body; undefined where none came. */
  readonly body: unknown;
};

/**
 * The arguments by the names that grants use (`path.orderId`, `query.limit`, `body.customer.id`): every one that came,
 * since a grant with rules refuses those that it does not name. Objects are walked into, lists are one argument.
 */
export function callArguments({ path, query, body }: GivenArguments): Map<string, JsonValue> {
  const all = new Map<string, JsonValue>();
  for (const [place, value] of Object.entries({ path, query })) walkMembers(place, jsonOf(value ?? {}), all);
  if (body !== undefined) walk('body', jsonOf(body), all);
  return all;
}

// What the handler will see is what is judged: numbers as JavaScript has them, bytes and the like as no value at all.
function jsonOf(value: unknown): JsonValue {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? null : parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new GuardRefusal(
      'guard.not_covered',
      `an argument is unreadable: ${error.message}`,
      `Send arguments of one meaning: ${error.message}`,
    );
  }
}

function walk(name: string, value: JsonValue, into: Map<string, JsonValue>): void {
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
  if (isObject && Object.keys(value).length > 0) walkMembers(name, value, into);
  else into.set(name, value);
}

function walkMembers(name: string, value: JsonValue, into: Map<string, JsonValue>): void {
  for (const [member, inner] of Object.entries(value ?? {}))
    walk(`${name}.${escaped(member)}`, inner as JsonValue, into);
}

// As the catalog names arguments: a dot parts names, so one within a name is written out.
const escaped = (member: string) => member.replace(/[%.]/g, (char) => (char === '.' ? '%2E' : '%25'));
