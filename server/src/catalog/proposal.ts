import {
  boolean,
  decimal,
  integer,
  isCurrency,
  nullable,
  object,
  oneOf,
  optional,
  parse,
  record,
  ShapeFault,
  type ShapeOf,
  text,
} from '@ambit/protocol';
import type { Classification } from './action.ts';
import { readPattern } from './pattern.ts';

const argument = text({
  max: 300,
  pattern: /^(path|query|header|body)(\.[^.]{1,200}){0,12}$/,
  must: 'must be an argument such as body.amount',
});
const operation = text({ max: 300 });

/** What `x-ambit`, an overlay and a person write about one action. Undo and look-again name operations of the same API. */
export const proposalShape = object({
  effect: optional(oneOf('read', 'write')),
  reversibility: optional(oneOf('reversible', 'compensable', 'irreversible')),
  reach: optional(oneOf('internal', 'external')),
  costUnits: optional(decimal()),
  answersForeignText: optional(boolean()),
  mintsCredential: optional(boolean()),
  opaque: optional(boolean()),
  sensitivity: optional(oneOf('public', 'internal', 'sensitive')),
  bodyIsPowerless: optional(boolean()),
  asksEachTime: optional(boolean()),
  undo: optional(nullable(operation)),
  undoSeconds: optional(nullable(integer({ min: 1, max: 315_360_000 }))),
  stream: optional(
    nullable(object({ secondsMax: integer({ min: 1, max: 86_400 }), bytesMax: integer({ min: 1, max: 2 ** 40 }) })),
  ),
  money: optional(
    nullable(object({ amount: argument, currency: text({ max: 300 }), places: optional(integer({ min: 0, max: 4 })) })),
  ),
  resource: optional(
    nullable(
      object({ type: text({ max: 64, pattern: /^[a-z0-9_.-]+$/i, must: 'must be a plain word' }), id: argument }),
    ),
  ),
  lookAgain: optional(nullable(operation)),
  sentence: optional(text({ max: 300 })),
  idempotencyHeader: optional(
    nullable(text({ max: 64, pattern: /^[A-Za-z0-9-]+$/, must: 'must be the name of a header field' })),
  ),
});

export type Proposal = ShapeOf<typeof proposalShape>;

/** What a person may write about one action: a classification, and patterns for its arguments. */
export type Words = {
  readonly fields: Partial<Classification>;
  readonly patterns: { readonly [argument: string]: string };
};

const patternsShape = record(text({ max: 512 }), { max: 100, name: argument });

/** A person's words. Throws `ShapeFault`. */
export function readWords(api: string, value: unknown): Words {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ShapeFault('', 'must be an object');
  const { patterns, ...fields } = value as Record<string, unknown>;
  const read = patterns === undefined ? {} : patternsShape.read(patterns, 'patterns');
  for (const [name, pattern] of Object.entries(read)) {
    if (readPattern(pattern) === undefined) {
      throw new ShapeFault(
        `patterns["${name}"]`,
        'must be a regular expression without repetitions or choices inside repetitions',
      );
    }
  }
  return { fields: readProposal(api, fields), patterns: { ...read } };
}

/** The proposal as classification fields, its operations named as actions of `api`. Throws `ShapeFault`. */
export function readProposal(api: string, value: unknown): Partial<Classification> {
  const { undo, lookAgain, money, ...rest } = parse(proposalShape, value);
  return {
    ...rest,
    ...(undo !== undefined && { undo: actionOf(api, undo) }),
    ...(lookAgain !== undefined && { lookAgain: actionOf(api, lookAgain) }),
    ...(money !== undefined && { money: moneyOf(money) }),
  };
}

function actionOf(api: string, name: string | null): string | null {
  return name === null || name.startsWith(`${api}:`) ? name : `${api}:${name}`;
}

function moneyOf(money: NonNullable<Proposal['money']> | null): Classification['money'] {
  if (money === null) return null;
  if (!isCurrency(money.currency) && !/^(path|query|header|body)\./.test(money.currency)) {
    throw new ShapeFault('money.currency', 'must be a currency such as USD or an argument such as body.currency');
  }
  return { amount: money.amount, currency: money.currency, places: money.places ?? 0 };
}
