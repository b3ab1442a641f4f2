declare const decimal: unique symbol;

/**
 * An amount as text: `30.00`. Non-negative, at most 15 digits before the point and 9 after it, one grammar
 * everywhere: no sign, no exponent, no spaces, ASCII digits only. Its value counts, not its spelling: compare with
 * `compareDecimal`.
 */
export type Decimal = string & { readonly [decimal]: true };

const grammar = /^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$/;

export function parseDecimal(text: unknown): Decimal | undefined {
  return typeof text === 'string' && grammar.test(text) ? (text as Decimal) : undefined;
}

/** For amounts written in the source. Throws `RangeError` for anything else than a decimal. */
export function decimalOf(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new RangeError(`${JSON.stringify(text)} is not a non-negative plain decimal.`);
  return parsed;
}

/** Exact. Throws `RangeError` where the sum has more than 15 digits before the point. */
export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(placesOf(a), placesOf(b));
  return print(scaled(a, places) + scaled(b, places), places);
}

/** Exact. Throws `RangeError` where `b` is more than `a`: there are no negative amounts. */
export function subtractDecimal(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(placesOf(a), placesOf(b));
  const difference = scaled(a, places) - scaled(b, places);
  if (difference < 0n) throw new RangeError(`${b} cannot be taken from ${a}: amounts are never negative.`);
  return print(difference, places);
}

export function compareDecimal(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const places = Math.max(placesOf(a), placesOf(b));
  const [left, right] = [scaled(a, places), scaled(b, places)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Three capital letters (ISO 4217). Whether such a currency exists is for the people who use it to know. */
export function isCurrency(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Z]{3}$/.test(text);
}

function placesOf(value: Decimal): number {
  const point = value.indexOf('.');
  return point < 0 ? 0 : value.length - point - 1;
}

function scaled(value: Decimal, places: number): bigint {
  return BigInt(value.replace('.', '') + '0'.repeat(places - placesOf(value)));
}

function print(units: bigint, places: number): Decimal {
  const digits = units.toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  return decimalOf(places === 0 ? whole : `${whole}.${digits.slice(-places)}`);
}
