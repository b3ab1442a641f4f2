import type { Random } from '../../src/policy/cedar/generate.testing.ts';
import { inputOf, type Mutation, textOf } from './target.ts';

/** What is known of the JSON that a target takes: how members are called, and values that mean something. */
export type Vocabulary = { readonly names: readonly string[]; readonly values: readonly unknown[] };

type Holder = { readonly of: Record<string, unknown>; readonly key: string };

/** Changes one member somewhere inside: takes it out, renames it, gives it another value, or another one's place. */
export function mutateJson(random: Random, value: unknown, vocabulary: Vocabulary): unknown {
  const root = { root: structuredClone(value) };
  const all = holdersIn(root);
  const { of, key } = random.pick(all);
  const other = random.pick(all);
  switch (random.below(7)) {
    case 0:
      if (key !== 'root') remove(of, key);
      break;
    case 1:
      add(random, of[key], random.pick(vocabulary.names), random.pick(vocabulary.values));
      break;
    case 2:
      add(random, of[key], random.pick(vocabulary.names), structuredClone(other.of[other.key]));
      break;
    case 3:
      of[key] = random.pick([[of[key]], { [random.pick(vocabulary.names)]: of[key] }]);
      break;
    case 4:
      of[key] = nudged(random, of[key]);
      break;
    case 5:
      of[key] = structuredClone(other.of[other.key]);
      break;
    default:
      of[key] = structuredClone(random.pick(vocabulary.values));
  }
  return root.root;
}

function holdersIn(of: Record<string, unknown>): Holder[] {
  return Object.keys(of).flatMap((key) => {
    const value = of[key];
    const inner = typeof value === 'object' && value !== null ? holdersIn(value as Record<string, unknown>) : [];
    return [{ of, key }, ...inner];
  });
}

function remove(of: Record<string, unknown>, key: string): void {
  if (Array.isArray(of)) of.splice(Number(key), 1);
  else delete of[key];
}

function add(random: Random, to: unknown, name: string, value: unknown): void {
  if (Array.isArray(to)) to.splice(random.below(to.length + 1), 0, value);
  else if (typeof to === 'object' && to !== null)
    Object.defineProperty(to, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Nearly the same: a number beside it, a text with one sign more or less, the opposite. */
function nudged(random: Random, value: unknown): unknown {
  if (typeof value === 'number') return value + random.pick([-1, 1, 0.5, -value, value, 60, 1000]);
  if (typeof value === 'boolean') return !value;
  // A member may be called toString, and be no function: such an object says itself as JSON only.
  if (typeof value !== 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const at = random.below(value.length + 1);
  return random.pick([
    value.slice(0, at) + random.pick([' ', '0', 'a', '.', '/', 'é', '\u0000', '"', '-']) + value.slice(at),
    value.slice(0, at) + value.slice(at + 1),
    value.toUpperCase(),
    Number(value),
    [value],
  ]);
}

/** The mutation for inputs of which a part is JSON: `part` finds it, what cannot be read stays as it is. */
export function jsonMutation(
  vocabulary: Vocabulary,
  part: (input: string, random: Random) => readonly [before: string, json: string, after: string],
): Mutation {
  return (random, input) => {
    const [before, json, after] = part(input, random);
    const value = parsed(textOf(json));
    return value === undefined
      ? input
      : `${before}${inputOf(JSON.stringify(mutateJson(random, value.value, vocabulary)))}${after}`;
  };
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
