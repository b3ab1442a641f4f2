import type { Constraint } from '../../authority/authority.ts';
import { type ConstraintKind, constraintKinds, constraintShape, kindOf } from '../../authority/constraint.ts';
import type { NotCovered } from '../../authority/covers.ts';
import { exactly, integer, list, object, oneOf, optional, parse, type Shape, ShapeFault, text } from '../../shape.ts';
import { type DenialValues, denialValuesShape } from './denial-values.ts';

/**
 * Why a call was denied, beside the code: the values that the sentence for people is made of. It is kept in the entry, so
 * it names what the entry holds already (arguments, counters, the text of the rules) and never says it again.
 *
 * `of` is whose bound it is: a task above the one that called, `agent:agt_…` for a ceiling, `person:psn_…` for what a
 * person may delegate, `grant:sgr_…` for a standing grant. Absent: the task itself, or an elevation of it.
 */
export type DenialParts =
  /** The code says it all, or with these values. */
  | { readonly is: 'code'; readonly values?: DenialValues }
  /** The code says it, and after so many seconds it is over. */
  | { readonly is: 'wait'; readonly seconds: number }
  | { readonly is: 'action'; readonly of?: string }
  | ({ readonly is: 'missing'; readonly name: string } & Grantwise)
  | ({ readonly is: 'unnamed'; readonly name: string } & Grantwise)
  /**
   * What the argument has to be: the constraint, or its kind where it is long. `more`: something else of the call is outside
   * of what was granted too, which may be the currency that the argument came with.
   */
  | ({
      readonly is: 'bound';
      readonly name: string;
      readonly must: Constraint | ConstraintKind;
      readonly more?: true;
    } & Grantwise)
  | ({ readonly is: 'currency'; readonly currency: string } & Grantwise)
  /** The counter at that place of the entry's `charges` has no room; `free`: when it has, in epoch milliseconds. */
  | { readonly is: 'limit'; readonly at: number; readonly free?: number }
  /** A task, an agent or a person that is not, or not any more, what it has to be. */
  | { readonly is: 'over'; readonly whose: string; readonly state: string }
  /**
   * What the rules said. `cuts`: of the text of the entry the beginning and the end of each rule's own sentence, the first
   * few of them; `age`: how fresh a sign-in would have been enough, in seconds.
   */
  | {
      readonly is: 'rules';
      readonly why: 'forbid' | 'permit' | 'error' | 'unread';
      readonly cuts?: readonly number[];
      readonly age?: number;
    };

/** `closest`: other grants are about the action too, and the call is outside of them as well. */
type Grantwise = { readonly closest?: true; readonly of?: string };

/** Longer than that an argument's name or a constraint is not kept a second time. */
const nameMax = 48;
const constraintMax = 48;

/** What stands in the way of a call in an authority, as it is kept. */
export function partsOfShortfall(
  { why, isAlone, among }: Omit<NotCovered, 'covered' | 'says'>,
  of?: string,
): DenialParts {
  const whose = { ...(among > 1 ? { closest: true as const } : {}), ...(of === undefined ? {} : { of }) };
  switch (why.kind) {
    case 'action':
      return { is: 'action', ...whose };
    case 'argument-missing':
      return { is: 'missing', name: shortened(why.argument), ...whose };
    case 'argument-not-named':
      return { is: 'unnamed', name: shortened(why.argument), ...whose };
    case 'currency':
      return { is: 'currency', currency: why.currency, ...whose };
    case 'constraint':
      return {
        is: 'bound',
        name: shortened(why.argument),
        must: keptConstraint(why.constraint),
        ...(isAlone ? {} : { more: true }),
        ...whose,
      };
  }
}

const shortened = (name: string): string =>
  name.length <= nameMax ? name.toWellFormed() : `${name.slice(0, nameMax - 1).toWellFormed()}…`;

function keptConstraint(constraint: Constraint): Constraint | ConstraintKind {
  const isShort = new TextEncoder().encode(JSON.stringify(constraint)).length <= constraintMax;
  return isShort ? constraint : (kindOf(constraint) ?? 'any');
}

const name = text({ max: nameMax });
const of = optional(text({ max: 60 }));
const closest = optional(exactly(true));
const time = integer({ min: 0, max: 8_640_000_000_000_000 });
const place = integer({ min: 0, max: 1_000_000_000 });
const kind = oneOf(...constraintKinds);
const must: Shape<Constraint | ConstraintKind> = {
  read: (value, path) => (typeof value === 'string' ? kind.read(value, path) : constraintShape.read(value, path)),
  schema: () => ({ anyOf: [kind.schema(), constraintShape.schema()] }),
};

const shapes: { readonly [I in DenialParts['is']]: Shape<Omit<Extract<DenialParts, { readonly is: I }>, 'is'>> } = {
  code: object({ values: optional(denialValuesShape) }),
  wait: object({ seconds: place }),
  action: object({ of }),
  missing: object({ name, closest, of }),
  unnamed: object({ name, closest, of }),
  bound: object({ name, must, more: optional(exactly(true)), closest, of }),
  currency: object({ currency: text({ max: 3 }), closest, of }),
  limit: object({ at: place, free: optional(time) }),
  over: object({ whose: text({ max: 60 }), state: text({ max: 40 }) }),
  rules: object({
    why: oneOf('forbid', 'permit', 'error', 'unread'),
    cuts: optional(list(place, { max: 10 })),
    age: optional(place),
  }),
};

/** Reads what an entry keeps. Null where it keeps nothing, as before there were parts, or what this release does not know. */
export function readDenialParts(value: unknown): DenialParts | null {
  if (typeof value !== 'object' || value === null || !('is' in value)) return null;
  const { is, ...rest } = value as { readonly is: unknown };
  if (typeof is !== 'string' || !Object.hasOwn(shapes, is)) return null;
  try {
    return { is, ...(parse(shapes[is as DenialParts['is']] as Shape<object>, rest) as object) } as DenialParts;
  } catch (error) {
    // Its text is there all the same.
    if (error instanceof ShapeFault) return null;
    throw error;
  }
}
