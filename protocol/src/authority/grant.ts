import { JsonNumber } from '../json.ts';
import {
  boolean,
  currency,
  decimal,
  exactly,
  integer,
  list,
  object,
  optional,
  record,
  type Shape,
  ShapeFault,
  text,
} from '../shape.ts';
import type { ArgumentRule, Ask, Authority, Grant, Limit } from './authority.ts';
import { checked, constraintShape, describeConstraint } from './constraint.ts';
import { showText } from './value.ts';

export const grantsMax = 64;
export const argumentsMax = 64;
export const constraintsMax = 16;
export const actionsMax = 1000;
export const limitsMax = 16;
export const asksMax = 16;
/** Members of all lists of one authority together. */
export const listMembersMax = 4000;
/** A year and a day: longer windows are better written as limits of the whole task. */
export const windowSecondsMax = 31_622_400;

/** `shop:refunds.create`. No wildcards: what a pattern would match tomorrow, nobody has granted today. */
const action = text({
  max: 256,
  pattern: /^[a-z0-9][a-z0-9_-]*:[!-)+-~]+$/,
  must: 'must be an action id such as shop:refunds.create; each action is named, there are no wildcards',
});

const argumentName = text({
  max: 256,
  pattern: /^(?:body|(?:path|query|body)\.[^\p{C}]+|header\.[!-@[-~]+)$/u,
  must: 'must be an argument name such as path.orderId, query.limit, header.x-reason (small letters) or body.amount',
});

const argumentRule: Shape<ArgumentRule> = object({
  all: list(constraintShape, { min: 1, max: constraintsMax }),
  optional: optional(boolean()),
});

const where = checked(
  record(argumentRule, { max: argumentsMax, name: argumentName }),
  'must name an argument, or be left out where any arguments will do',
  (rules) => Object.keys(rules).length > 0,
);

const seconds = optional(integer({ min: 1, max: windowSecondsMax }));
const limits = {
  calls: object({ calls: integer({ min: 0, max: 1_000_000_000 }), seconds }),
  sum: object({ sum: object({ max: decimal(), currency: currency() }), seconds }),
  cost: object({ cost: decimal(), seconds }),
};

/** Reads one limit: calls, a sum of money, or cost units; per window of `seconds`, or in all. */
export const limitShape: Shape<Limit> = oneOfShapes<Limit>(limits, 'calls, sum or cost');

const reason = text({ max: 500 });
const ask: Shape<Ask> = oneOfShapes<Ask>(
  {
    always: object({ always: exactly(true), reason }),
    over: object({ over: object({ amount: decimal(), currency: currency() }), per: optional(argumentName), reason }),
  },
  'always or over',
);

/** One grant by itself. */
export const grantShape: Shape<Grant> = checked(
  object({
    type: exactly('ambit_grant'),
    actions: checked(
      list(action, { min: 1, max: actionsMax }),
      'must name each action once',
      (names) => new Set(names).size === names.length,
    ),
    where: optional(where),
    limits: optional(list(limitShape, { min: 1, max: limitsMax })),
    asks: optional(list(ask, { min: 1, max: asksMax })),
  }),
  'counts money in two currencies: write one grant for each',
  (grant) => currenciesOf(grant).size <= 1,
);

/** The shape of authority on the wire: a list of grants, closed, bounded, every constraint of a kind known here. */
export const authorityShape: Shape<Authority> = checked(
  list(grantShape, { max: grantsMax }),
  `may list at most ${listMembersMax} values in all`,
  (grants) => listMembers(grants) <= listMembersMax,
);

/** The same without the bound on values in all, for readers that say more about it. */
export const readableAuthority: Shape<Authority> = list(grantShape, { max: grantsMax });

/** How many values all lists of these grants hold together. */
export function listMembers(grants: Authority): number {
  const rules = grants.flatMap((grant) => Object.values(grant.where ?? {}));
  const bounds = rules.flatMap((rule) => rule.all.flatMap((one): unknown[] => Object.values(one)));
  return bounds.reduce<number>((sum, bound) => sum + (Array.isArray(bound) ? bound.length : 0), 0);
}

/** The currencies in which a grant counts or asks. Its calls must move money in one of them, and say so readably. */
export function currenciesOf(grant: Pick<Grant, 'limits' | 'asks'>): ReadonlySet<string> {
  const sums = (grant.limits ?? []).flatMap((limit) => ('sum' in limit ? [limit.sum.currency] : []));
  const asks = (grant.asks ?? []).flatMap((one) => ('over' in one ? [one.over.currency] : []));
  return new Set([...sums, ...asks]);
}

/** One sentence for the person who gives the grant and the agent that gets it. */
export function describeGrant(grant: Grant): string {
  const rules = Object.entries(grant.where ?? {}).map(([name, rule]) => describeRule(name, rule));
  const parts = [
    `May call ${grant.actions.join(', ')}${grant.where === undefined ? ' with any arguments' : ''}`,
    ...(rules.length > 0 ? [`${rules.join('; ')}; no other arguments`] : []),
    ...(grant.limits ?? []).map(describeLimit),
    ...(grant.asks ?? []).map(describeAsk),
  ];
  return `${parts.join('. ')}.`;
}

function describeRule(name: string, rule: ArgumentRule): string {
  const must = rule.all.map(describeConstraint).join(' and ');
  return rule.optional === true ? `${name}, where given, has to ${must}` : `${name} has to ${must}`;
}

export function describeLimit(limit: Limit): string {
  const over = limit.seconds === undefined ? 'in all' : `in any ${describeSeconds(limit.seconds)}`;
  if ('calls' in limit) return `At most ${limit.calls} ${limit.calls === 1 ? 'call' : 'calls'} ${over}`;
  return 'sum' in limit
    ? `At most ${limit.sum.max} ${limit.sum.currency} ${over}`
    : `At most ${limit.cost} cost units ${over}`;
}

function describeAsk(one: Ask): string {
  if ('always' in one) return `A person is asked each time (${showText(one.reason)})`;
  const per = one.per === undefined ? '' : ` for one ${one.per}`;
  return `A person is asked where amounts add up to more than ${one.over.amount} ${one.over.currency}${per} (${showText(one.reason)})`;
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

function describeSeconds(seconds: number): string {
  const [unit, size] = units.find(([, size]) => seconds % size === 0) ?? ['second', 1];
  return seconds === size ? unit : `${seconds / size} ${unit}s`;
}

// The member that tells the shapes apart is looked for first, so that faults speak of the shape that was meant.
function oneOfShapes<T>(shapes: { readonly [member: string]: Shape<unknown> }, names: string): Shape<T> {
  return {
    read: (value, path) => {
      const isObject = typeof value === 'object' && value !== null && !(value instanceof JsonNumber);
      const found = isObject ? Object.keys(shapes).filter((name) => Object.hasOwn(value, name)) : [];
      if (found.length !== 1) throw new ShapeFault(path, `must have exactly one of ${names}`);
      return shapes[found[0]!]!.read(value, path) as T;
    },
    schema: () => ({ anyOf: Object.values(shapes).map((shape) => shape.schema()) }),
  };
}
