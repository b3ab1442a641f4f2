import type { JsonValue } from '../json.ts';
import type { Authority, Constraint, Grant } from './authority.ts';
import { amountOf, describeConstraint, endsOf, holds, isInOrder } from './constraint.ts';
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
 */
export function covers(authority: Authority | Grant, call: CallFacts): Covered | NotCovered {
  const grants = isGrant(authority) ? [authority] : authority;
  let closest: readonly Shortfall[] | undefined;
  for (const [index, grant] of grants.entries()) {
    if (!grant.actions.includes(call.action)) continue;
    const shortfalls = shortfallsOf(grant, index, call);
    if (shortfalls.length === 0) return { covered: true, grant: index };
    if (closest === undefined || shortfalls.length < closest.length) closest = shortfalls;
  }
  const why = closest?.[0] ?? { kind: 'action' };
  return { covered: false, why, says: explain(why, call) };
}

const isGrant = (authority: Authority | Grant): authority is Grant => 'actions' in authority;

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
