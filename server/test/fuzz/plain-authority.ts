import { BlockList, isIP } from 'node:net';
import { posix } from 'node:path';
import { type Authority, type Constraint, type Grant, JsonNumber, type JsonValue, type Scalar } from '@ambit/protocol';

/*
 * What authority means, once more and in the plainest words, so that a slip of the one is no slip of the other. Of
 * paths, networks and names it says only what must be true of a value that is within.
 */

type Held = JsonValue | Scalar;

const numberOf = (value: Held): string | undefined => {
  const text = value instanceof JsonNumber ? value.text : typeof value === 'number' ? String(value) : undefined;
  if (text === undefined) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  const plain = fraction.replace(/0+$/, '');
  return plain === '' ? whole : `${whole}.${plain}`;
};

function isSame(a: Held, b: Held): boolean {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined || right !== undefined) return left === right;
  return (typeof a !== 'object' || a === null) && a === b;
}

/** Billionths, of an amount that is written plainly. */
function amountOf(value: Held): bigint | undefined {
  const text = typeof value === 'string' ? value : numberOf(value);
  if (text === undefined || !/^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$/.test(text)) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
}

const looksLike = (value: Held) =>
  String(numberOf(value) ?? value)
    .normalize('NFKC')
    .trim()
    .toLowerCase();

function isAlike(a: Held, b: Held): boolean {
  const [left, right] = [looksLike(a), looksLike(b)];
  if (left === right) return true;
  return left !== '' && right !== '' && Number(left) === Number(right);
}

const isScalar = (value: Held) => typeof value !== 'object' || value === null || value instanceof JsonNumber;
const climbs = (text: string) => /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(text);

function isInNetwork(value: string, network: string): boolean {
  const [address = '', length] = value.split('/');
  const [base = '', bits = ''] = network.split('/');
  const family = isIP(base);
  if (isIP(address) !== family || family === 0) return false;
  const own = length === undefined ? (family === 4 ? 32 : 128) : Number(length);
  const outer = bits === '' ? (family === 4 ? 32 : 128) : Number(bits);
  const list = new BlockList();
  list.addSubnet(base, outer, family === 4 ? 'ipv4' : 'ipv6');
  return own >= outer && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether the value is within; of kinds that are not `isExact`, whether nothing speaks against it. */
export function plainlyHolds(constraint: Constraint, value: Held): boolean {
  if ('any' in constraint) return true;
  if ('equals' in constraint) return isSame(constraint.equals, value);
  if ('oneOf' in constraint) return constraint.oneOf.some((one) => isSame(one, value));
  if ('notOneOf' in constraint) return isScalar(value) && !constraint.notOneOf.some((one) => isAlike(one, value));
  if ('subsetOf' in constraint)
    return (
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((item) => constraint.subsetOf.some((one) => isSame(one, item)))
    );
  if ('range' in constraint) {
    const amount = amountOf(value);
    const [min, max] = [
      amountOf(constraint.range.min ?? '0'),
      amountOf(constraint.range.max ?? '999999999999999.999999999'),
    ];
    return amount !== undefined && min !== undefined && max !== undefined && min <= amount && amount <= max;
  }
  if ('maxLength' in constraint) {
    const length = typeof value === 'string' ? [...value].length : Array.isArray(value) ? value.length : undefined;
    return length !== undefined && length <= constraint.maxLength;
  }
  if (typeof value !== 'string') return false;
  if ('prefix' in constraint) return value.startsWith(constraint.prefix) && !climbs(value);
  if ('suffix' in constraint) return value.endsWith(constraint.suffix);
  if ('under' in constraint) return `${posix.normalize(value)}/`.startsWith(`${constraint.under.replace(/\/$/, '')}/`);
  if ('cidr' in constraint) return isInNetwork(value, constraint.cidr);
  return `.${value.toLowerCase()}`.endsWith(`.${constraint.domain.toLowerCase()}`);
}

export const isExact = (constraint: Constraint) =>
  !['prefix', 'under', 'cidr', 'domain'].some((kind) => kind in constraint);

export type PlainCall = {
  readonly action: string;
  readonly arguments: ReadonlyMap<string, JsonValue>;
  readonly money?: { readonly currency: string } | undefined;
};

/** The first grant within which the call lies, or undefined. */
export function plainlyCovers(authority: Authority, call: PlainCall): number | undefined {
  const at = authority.findIndex((grant) => grant.actions.includes(call.action) && isWithin(grant, call));
  return at < 0 ? undefined : at;
}

function isWithin({ where, limits = [], asks = [] }: Grant, call: PlainCall): boolean {
  const currencies = [
    ...limits.flatMap((limit) => ('sum' in limit ? [limit.sum.currency] : [])),
    ...asks.flatMap((ask) => ('over' in ask ? [ask.over.currency] : [])),
  ];
  if (currencies.some((currency) => currency !== call.money?.currency)) return false;
  if (where === undefined) return true;
  const rules = new Map(Object.entries(where));
  for (const name of call.arguments.keys()) if (!rules.has(name)) return false;
  return [...rules].every(([name, rule]) => {
    const value = call.arguments.get(name);
    return value === undefined ? rule.optional === true : rule.all.every((one) => plainlyHolds(one, value));
  });
}
