import {
  type ArgumentRule,
  type Authority,
  type Constraint,
  compareDecimal,
  currenciesOf,
  describeConstraint,
  describeLimit,
  type Grant,
  kindOf,
  type Limit,
  looseKey,
  parseDecimal,
} from '@ambit/protocol';
import { implies } from './implies.ts';
import { reduce } from './intersect.ts';

export type Narrowing =
  | { readonly narrower: true }
  | {
      readonly narrower: false;
      /** Index of the child's grant, and its action, that goes beyond the parent. */
      readonly grant: number;
      readonly action: string;
      readonly says: string;
    };

/**
 * Whether every call that `child` covers is covered by `parent`. Sound; complete for finite sets and ranges.
 * `whose` is what the sentence calls the parent, e.g. `what you may delegate`.
 *
 * INVARIANT (narrowing): narrows(child, parent) and covers(child, call) imply covers(parent, call); see narrows.test.ts.
 *
 * It speaks of one call. Limits are counters of a link, and a call charges a grant in every link, so a limit that the
 * child leaves out still binds through its parent; a limit that it writes must not promise more than the parent's for
 * the same span. Asks need no comparing either: every link is asked when the call is decided, so a child asks whenever
 * its parent would. Only the currency is part of the call: where the parent counts or asks in one, the child does too.
 */
export function narrows(child: Authority, parent: Authority, whose = 'the parent'): Narrowing {
  for (const [index, grant] of child.entries()) {
    if (coversNothing(grant)) continue;
    for (const action of grant.actions) {
      const excess = excessOf(grant, action, parent, whose);
      if (excess !== undefined) return { narrower: false, grant: index, action, says: `${action}: ${excess}` };
    }
  }
  return { narrower: true };
}

/** Whether it is known that no call is within the grant, e.g. an argument that has to be two things at once. */
export function coversNothing(grant: Grant): boolean {
  const rules = Object.values(grant.where ?? {});
  return currenciesOf(grant).size > 1 || rules.some((rule) => rule.optional !== true && reduce(rule.all) === 'empty');
}

// What goes beyond the parent, in the words of its first grant of that action; undefined where one has room for it all.
function excessOf(grant: Grant, action: string, parent: Authority, whose: string): string | undefined {
  const candidates = parent.filter((one) => one.actions.includes(action));
  let first: string | undefined;
  for (const candidate of candidates) {
    const excess =
      argumentExcess(grant, candidate, whose) ??
      currencyExcess(grant, candidate, whose) ??
      limitExcess(grant, candidate, whose);
    if (excess === undefined) return undefined;
    first ??= excess;
  }
  return first ?? `this action is not in ${whose}.`;
}

function argumentExcess(child: Grant, parent: Grant, whose: string): string | undefined {
  if (parent.where === undefined) return undefined;
  if (child.where === undefined)
    return `name the arguments that are named in ${whose} (${Object.keys(parent.where).join(', ')}).`;
  for (const [argument, rule] of Object.entries(child.where)) {
    const excess = ruleExcess(argument, rule, ruleOf(parent, argument), whose);
    if (excess !== undefined) return excess;
  }
  for (const [argument, rule] of Object.entries(parent.where)) {
    if (rule.optional !== true && ruleOf(child, argument) === undefined) return `${argument} is required by ${whose}.`;
  }
  return undefined;
}

function ruleExcess(
  argument: string,
  child: ArgumentRule,
  parent: ArgumentRule | undefined,
  whose: string,
): string | undefined {
  const left = reduce(child.all);
  // It can only be left out, and the parent is asked elsewhere whether it may be.
  if (left === 'empty')
    return parent !== undefined && parent.optional !== true ? `${argument} is required by ${whose}.` : undefined;
  if (parent === undefined) return `${argument} is not named in ${whose}.`;
  if (child.optional === true && parent.optional !== true) return `${argument} is required by ${whose}.`;
  const excluded = excludedBy(left);
  const wider = parent.all.find((constraint) => !isImplied(left, constraint, excluded));
  return wider === undefined ? undefined : `${argument} has to ${describeConstraint(wider)} to lie within ${whose}.`;
}

/** Whether a reduced conjunction lies within the constraint. Each excluded value may be kept out by another part. */
export function isImplied(
  all: readonly Constraint[],
  constraint: Constraint,
  excluded: ReadonlySet<string | undefined> = excludedBy(all),
): boolean {
  if (kindOf(constraint) !== 'notOneOf' || !('notOneOf' in constraint) || constraint.notOneOf.length === 0)
    return all.some((one) => implies(one, constraint));
  const others = all.filter((one) => kindOf(one) !== 'notOneOf');
  return constraint.notOneOf.every(
    (member) => excluded.has(looseKey(member)) || others.some((one) => implies(one, { notOneOf: [member] })),
  );
}

// Once per rule: asking each list for each member takes time that grows with the product of their lengths.
function excludedBy(all: readonly Constraint[]): ReadonlySet<string | undefined> {
  return new Set(
    all.flatMap((one) => (kindOf(one) === 'notOneOf' && 'notOneOf' in one ? one.notOneOf.map(looseKey) : [])),
  );
}

function ruleOf(grant: Grant, argument: string): ArgumentRule | undefined {
  return grant.where !== undefined && Object.hasOwn(grant.where, argument) ? grant.where[argument] : undefined;
}

function currencyExcess(child: Grant, parent: Grant, whose: string): string | undefined {
  const own = currenciesOf(child);
  const missing = [...currenciesOf(parent)].find((currency) => !own.has(currency));
  return missing === undefined
    ? undefined
    : `${whose} counts in ${missing}; write a sum in ${missing} that is no larger.`;
}

// Of several limits on the same the tightest counts, on either side.
function limitExcess(child: Grant, parent: Grant, whose: string): string | undefined {
  for (const limit of parent.limits ?? []) {
    const own = (child.limits ?? []).filter((one) => isSameSpan(one, limit));
    if (own[0] === undefined || own.some((one) => !isMore(one, limit))) continue;
    return `"${describeLimit(own[0])}" is more than "${describeLimit(limit)}" in ${whose}.`;
  }
  return undefined;
}

/** Whether both count the same thing over the same span. */
export function isSameSpan(a: Limit, b: Limit): boolean {
  if (a.seconds !== b.seconds) return false;
  if ('sum' in a && 'sum' in b) return a.sum.currency === b.sum.currency;
  return ('calls' in a && 'calls' in b) || ('cost' in a && 'cost' in b);
}

/** Whether `a` allows more than `b`, which counts the same thing. What cannot be read is more. */
export function isMore(a: Limit, b: Limit): boolean {
  const [left, right] = [parseDecimal(maxOf(a)), parseDecimal(maxOf(b))];
  return left === undefined || right === undefined || compareDecimal(left, right) > 0;
}

/** The most that the limit allows, as a decimal. */
export function maxOf(limit: Limit): string {
  if ('calls' in limit) return String(limit.calls);
  return 'sum' in limit ? limit.sum.max : limit.cost;
}
