import type { JsonValue } from '../json.ts';
import type { ArgumentRule, Authority, Constraint, Grant } from './authority.ts';
import { amountOf, describeConstraint, endsOf, holderOf, holds, isInOrder } from './constraint.ts';
import { currenciesOf } from './grant.ts';
import type { Money } from './money.ts';
import { show, showText, type Value } from './value.ts';

/** A call as authority sees it: the action, every argument by name, and what it moves where the catalog knows. */
export type CallFacts = {
  readonly action: string;
  readonly arguments: ReadonlyMap<string, JsonValue>;
  readonly money?: Money | undefined;
};

export type Covered = {
  readonly covered: true /** Index of the grant that the call charges. */;
  readonly grant: number;
};
export type NotCovered = {
  readonly covered: false;
  /** The bound that stands in the way, of the grant that came closest. */
  readonly why: Shortfall;
  /** Whether nothing else of that grant stands in the way. */
  readonly isAlone: boolean;
  /** How many grants name the action. */
  readonly among: number;
  /** What the agent may hear: its own bound, its own value, and what it can do next. */
  readonly says: string;
};

export type Shortfall =
  | { readonly kind: 'action' }
  | { readonly kind: 'argument-missing' | 'argument-not-named'; readonly grant: number; readonly argument: string }
  | { readonly kind: 'constraint'; readonly grant: number; readonly argument: string; readonly constraint: Constraint }
  | { readonly kind: 'currency'; readonly grant: number; readonly currency: string };

/**
 * Whether the authority covers the call, and by which grant: the first, in written order, within whose bounds it lies.
 * A grant with rules is a closed world: it refuses arguments that it does not name, and needs those that it does.
 * A grant is read when it is first seen, and must not be changed after that: narrow by writing another.
 */
export function covers(authority: Authority | Grant, call: CallFacts): Covered | NotCovered {
  const grants = isGrant(authority) ? [authority] : authority;
  for (let index = 0; index < grants.length; index++) {
    if (isWithin(grants[index]!, call)) return { covered: true, grant: index };
  }
  return notCovered(grants, call);
}

/** With the bound that stands in the way: of the grant that the call fails in the fewest places, of these the first. */
function notCovered(grants: Authority, call: CallFacts): NotCovered {
  let closest: readonly Shortfall[] | undefined;
  let among = 0;
  for (const [index, grant] of grants.entries()) {
    if (!grant.actions.includes(call.action)) continue;
    among++;
    const shortfalls = shortfallsOf(grant, index, call);
    if (closest === undefined || shortfalls.length < closest.length) closest = shortfalls;
  }
  const [why = { kind: 'action' } as const, ...others] = closest ?? [];
  return { covered: false, why, isAlone: others.length === 0, among, says: explain(why, call) };
}

const isGrant = (authority: Authority | Grant): authority is Grant => 'actions' in authority;

/** A grant as calls are held against it. */
type Prepared = {
  readonly actions: ReadonlySet<string>;
  /** Null where any arguments will do. */
  readonly rules: readonly PreparedRule[] | null;
  readonly currencies: readonly string[];
};
type PreparedRule = {
  readonly argument: string;
  readonly isOptional: boolean;
  readonly all: readonly ((value: Value) => boolean)[];
};

const prepared = new WeakMap<Grant, Prepared>();

function prepare(grant: Grant): Prepared {
  const made: Prepared = {
    actions: new Set(grant.actions),
    rules: grant.where === undefined ? null : Object.entries(grant.where).map(prepareRule),
    currencies: [...currenciesOf(grant)],
  };
  prepared.set(grant, made);
  return made;
}

const prepareRule = ([argument, { all, optional }]: readonly [string, ArgumentRule]): PreparedRule => ({
  argument,
  isOptional: optional === true,
  all: all.map(holderOf),
});

/** Whether the call falls short of nothing, found out without listing anything. */
function isWithin(grant: Grant, call: CallFacts): boolean {
  const { actions, rules, currencies } = prepared.get(grant) ?? prepare(grant);
  if (!actions.has(call.action)) return false;
  for (const currency of currencies) if (call.money?.currency !== currency) return false;
  return rules === null || areWithin(rules, call.arguments);
}

function areWithin(rules: readonly PreparedRule[], given: CallFacts['arguments']): boolean {
  let named = 0;
  for (const { argument, isOptional, all } of rules) {
    const value = given.get(argument);
    if (value === undefined) {
      if (!isOptional) return false;
      continue;
    }
    for (const holds of all) if (!holds(value)) return false;
    named += 1;
  }
  return named === given.size;
}

function shortfallsOf(grant: Grant, index: number, call: CallFacts): Shortfall[] {
  return [...argumentShortfalls(grant, index, call), ...moneyShortfalls(grant, index, call)];
}

function argumentShortfalls(grant: Grant, index: number, call: CallFacts): Shortfall[] {
  if (grant.where === undefined) return [];
  const shortfalls: Shortfall[] = [];
  for (const [argument, rule] of Object.entries(grant.where)) {
    const value = call.arguments.get(argument);
    if (value === undefined) {
      if (rule.optional !== true) shortfalls.push({ kind: 'argument-missing', grant: index, argument });
      continue;
    }
    const failed = rule.all.find((constraint) => !holds(constraint, value));
    if (failed !== undefined) shortfalls.push({ kind: 'constraint', grant: index, argument, constraint: failed });
  }
  for (const argument of call.arguments.keys()) {
    if (!Object.hasOwn(grant.where, argument)) shortfalls.push({ kind: 'argument-not-named', grant: index, argument });
  }
  return shortfalls;
}

// What cannot be counted is not covered: a sum or an ask speaks of money that the call does not show readably.
function moneyShortfalls(grant: Grant, index: number, call: CallFacts): Shortfall[] {
  return [...currenciesOf(grant)]
    .filter((currency) => call.money?.currency !== currency)
    .map((currency) => ({ kind: 'currency', grant: index, currency }));
}

function explain(why: Shortfall, call: CallFacts): string {
  const action = shortName(call.action);
  switch (why.kind) {
    case 'action':
      return `${action} is not among the actions granted; ask for an elevation.`;
    case 'argument-missing':
      return `${action} needs ${why.argument}, which is missing; send it.`;
    case 'argument-not-named':
      return `${action} may not be sent ${showName(why.argument)}; leave it out, or ask for an elevation.`;
    case 'currency':
      return call.money === undefined
        ? `${action} needs an amount in ${why.currency}, written as a plain decimal such as 30.00, and none can be read.`
        : `${action} needs an amount in ${why.currency}, not in ${call.money.currency}; ask for an elevation or use ${why.currency}.`;
    case 'constraint':
      return explainConstraint(action, why.argument, why.constraint, call.arguments.get(why.argument) ?? null);
  }
}

function explainConstraint(action: string, argument: string, constraint: Constraint, value: Value): string {
  const bound = 'range' in constraint ? passedEnd(constraint.range, value) : undefined;
  if (bound !== undefined) {
    return `${action} needs ${argument} ${bound}; ask for an elevation or ${bound.includes('≤') ? 'narrow' : 'raise'} the ${lastWord(argument)}.`;
  }
  return `${action} needs ${argument} to ${describeConstraint(constraint)}, not ${show(value)}; ask for an elevation or change it.`;
}

// "180.00 ≤ 100.00": the end of the range that the amount passes; undefined where it is no amount at all.
function passedEnd(range: { readonly min?: string; readonly max?: string }, value: Value): string | undefined {
  const amount = amountOf(value);
  if (amount === undefined) return undefined;
  const [min, max] = endsOf(range);
  const shown = typeof value === 'string' ? value : show(value);
  return isInOrder(amount, max) ? `${shown} ≥ ${min}` : `${shown} ≤ ${max}`;
}

/** `refunds.create` of `shop:refunds.create`. */
export function shortName(action: string): string {
  return action.slice(action.indexOf(':') + 1);
}

// Names of arguments come from the call: what is not plain is quoted.
const showName = (name: string) => (/^[A-Za-z0-9._[\]-]{1,128}$/.test(name) ? name : showText(name));
const lastWord = (argument: string) => argument.slice(argument.lastIndexOf('.') + 1);
