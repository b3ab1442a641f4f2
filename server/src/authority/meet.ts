import {
  type ArgumentRule,
  type Ask,
  type Authority,
  argumentsMax,
  asksMax,
  compareDecimal,
  currenciesOf,
  decimalOf,
  type Grant,
  grantsMax,
  type Limit,
  limitsMax,
  listMembers,
  listMembersMax,
} from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import { reduce } from './intersect.ts';
import { coversNothing, isMore, isSameSpan } from './narrows.ts';

type Where = NonNullable<Grant['where']>;

/**
 * The largest authority below both: it covers a call exactly where both cover it. For showing and delegating; calls
 * are decided by `covers` over every link.
 *
 * A grant of the meet is a pair of grants that share actions, with the arguments, limits and asks of both. Its limits
 * bound that pair alone: where one grant stands in several pairs, its own counter still binds them together.
 * Refuses where the result would have more grants or parts than authority may have.
 */
export function meet(a: Authority, b: Authority): Authority {
  const pairs = a.flatMap((left) => b.flatMap((right) => meetGrants(left, right) ?? []));
  const met = [...new Map(pairs.map((grant) => [JSON.stringify(grant), grant])).values()];
  if (met.length > grantsMax || met.some(isTooLarge)) {
    const because = `what is in both has ${met.length} grants, or one of them too many parts; at most ${grantsMax} fit`;
    throw refuse('authority.too_large', because);
  }
  const members = listMembers(met);
  if (members > listMembersMax)
    throw refuse('authority.too_large', `what is in both lists ${members} values; at most ${listMembersMax} fit`);
  return met;
}

function meetGrants(a: Grant, b: Grant): Grant | undefined {
  const actions = a.actions.filter((action) => b.actions.includes(action));
  if (actions.length === 0 || coversNothing(a) || coversNothing(b)) return undefined;
  const where = meetWhere(a.where, b.where);
  const limits = meetLimits([...(a.limits ?? []), ...(b.limits ?? [])]);
  const asks = meetAsks([...(a.asks ?? []), ...(b.asks ?? [])]);
  if (where === 'empty' || currenciesOf({ limits, asks }).size > 1) return undefined;
  return {
    type: 'ambit_grant',
    actions,
    ...(where !== undefined && { where }),
    ...(limits.length > 0 && { limits }),
    ...(asks.length > 0 && { asks }),
  };
}

function meetWhere(a: Where | undefined, b: Where | undefined): Where | undefined | 'empty' {
  if (a === undefined || b === undefined) return a ?? b;
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const rules: [string, ArgumentRule][] = [];
  for (const name of names) {
    const rule = meetRules(own(a, name), own(b, name));
    if (rule === 'empty') return 'empty';
    rules.push([name, rule]);
  }
  const open = rules.filter(([, rule]) => rule !== leftOut);
  // A closed world needs one name at least to be told from an open one.
  return Object.fromEntries(open.length > 0 ? open : rules.slice(0, 1));
}

const own = (where: Where, name: string) => (Object.hasOwn(where, name) ? where[name] : undefined);

// An argument that no value fits, and that may be absent: it has to be left out.
const leftOut: ArgumentRule = { all: [{ oneOf: [] }], optional: true };

function meetRules(a: ArgumentRule | undefined, b: ArgumentRule | undefined): ArgumentRule | 'empty' {
  const isOptional = (a?.optional ?? a === undefined) && (b?.optional ?? b === undefined);
  const all = a === undefined || b === undefined ? 'empty' : reduce([...a.all, ...b.all]);
  if (all === 'empty') return isOptional ? leftOut : 'empty';
  return isOptional ? { all, optional: true } : { all };
}

function meetLimits(all: readonly Limit[]): readonly Limit[] {
  const met: Limit[] = [];
  for (const limit of all) {
    const at = met.findIndex((one) => isSameSpan(one, limit));
    if (at < 0) met.push(limit);
    else if (isMore(met[at]!, limit)) met[at] = limit;
  }
  return met;
}

function meetAsks(all: readonly Ask[]): readonly Ask[] {
  const met: Ask[] = [];
  for (const ask of all) {
    const at = met.findIndex((one) => isSameQuestion(one, ask));
    if (at < 0) met.push(ask);
    else if (isLower(ask, met[at]!)) met[at] = ask;
  }
  return met;
}

function isSameQuestion(a: Ask, b: Ask): boolean {
  if ('over' in a && 'over' in b) return a.over.currency === b.over.currency && a.per === b.per;
  return 'always' in a && 'always' in b && a.reason === b.reason;
}

function isLower(a: Ask, b: Ask): boolean {
  return 'over' in a && 'over' in b && compareDecimal(decimalOf(a.over.amount), decimalOf(b.over.amount)) < 0;
}

function isTooLarge({ where = {}, limits = [], asks = [] }: Grant): boolean {
  return Object.keys(where).length > argumentsMax || limits.length > limitsMax || asks.length > asksMax;
}
