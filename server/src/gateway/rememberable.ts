import {
  authorityShape,
  type Decimal,
  type Grant,
  JsonNumber,
  type JsonValue,
  type NeverRemembered,
  type Rememberable,
  rememberedCallsMax,
  type Scalar,
  ShapeFault,
  timesDecimal,
} from '@ambit/protocol';
import { covers } from '../authority/index.ts';
import type { Facts, Reason } from '../policy/index.ts';
import type { Call } from './call.ts';

/**
 * How far a yes to this call may be remembered: for the very same values, up to its amount, as long as the task lasts. It
 * is said with the question, and once more of every call that a remembered yes would let through.
 */
export function rememberableOf(call: Call, facts: Facts, asks: readonly Reason[]): Rememberable {
  const never = whyNever(call, facts, asks);
  if (never !== null) return { never };
  const bounded = boundedBy(call);
  if (bounded === null) return { never: 'values' };
  return { widest: { ...bounded, until: facts.chain[0].expiresAt } };
}

function whyNever({ action }: Call, facts: Facts, asks: readonly Reason[]): NeverRemembered | null {
  if (action.reversibility === 'irreversible') return 'irreversible';
  if (action.asksEachTime) return 'each-time';
  if (action.opaque || action.mintsCredential) return 'closed';
  if (facts.question.provenance.length > 0) return 'provenance';
  if (facts.elevated.length > 0) return 'elevated';
  if (asks.some(({ source }) => source === 'plane')) return 'unknown';
  return asks.some(({ source, over }) => source === 'task' && over === undefined) ? 'always' : null;
}

/** Null where some value cannot be told from others by a rule: what cannot be bounded is not remembered. */
function boundedBy(call: Call) {
  const { action, money, arguments: given } = call;
  const isUnread = call.body !== null && 'stream' in call.body;
  if (isUnread || given.size === 0 || (action.money !== null && money === undefined)) return null;
  const rules = [...given].map(([name, value]) => [name, ruleFor(call, name, value)] as const);
  const where: Record<string, NonNullable<Grant['where']>[string]> = {};
  for (const [name, rule] of rules) {
    if (rule === null) return null;
    where[name] = rule;
  }
  const most = money === undefined ? undefined : sumOf(money.amount);
  if (most === null) return null;
  const limits = [
    { calls: rememberedCallsMax },
    ...(money === undefined || most === undefined ? [] : [{ sum: { max: most, currency: money.currency } }]),
  ];
  const grant: Grant = { type: 'ambit_grant', actions: [action.id], where, limits };
  const facts = { action: action.id, arguments: given, money };
  if (!isReadable(grant) || !covers(grant, facts).covered) return null;
  const argument = action.money?.places === 0 ? action.money.amount : null;
  return { grant, amount: money === undefined ? null : { argument, each: money.amount, currency: money.currency } };
}

/** Null where that is more than an amount can say. */
function sumOf(amount: Decimal): Decimal | null {
  try {
    return timesDecimal(amount, rememberedCallsMax);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function ruleFor({ action }: Call, name: string, value: JsonValue): NonNullable<Grant['where']>[string] | null {
  if (name === action.money?.amount) {
    const max = value instanceof JsonNumber ? value.text : value;
    return typeof max === 'string' ? { all: [{ range: { max } }] } : null;
  }
  // A key for repeating safely is another one each time, and says nothing of what is done.
  if (name === `header.${action.idempotencyHeader?.toLowerCase()}`) return { all: [{ any: true }], optional: true };
  const scalar = scalarOf(value);
  return scalar === undefined ? null : { all: [{ equals: scalar }] };
}

function scalarOf(value: JsonValue): Scalar | undefined {
  if (value instanceof JsonNumber) return value.toNumber();
  return typeof value === 'object' && value !== null ? undefined : value;
}

/** Whether a person can sign it: texts that are too long, names that no grant may hold, are outside. */
function isReadable(grant: Grant): boolean {
  try {
    authorityShape.read([grant], 'grant');
    return true;
  } catch (error) {
    if (error instanceof ShapeFault) return false;
    throw error;
  }
}
