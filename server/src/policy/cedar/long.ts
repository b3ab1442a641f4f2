import { fail } from './evaluation-error.ts';

/**
 * A 64-bit signed integer in one canonical form: a JavaScript number where that is exact, a BigInt beyond. Because no
 * value has two forms, `===` compares, `<` works across the two, and text keys agree.
 */
export type Long = number | bigint;

export const longMax = 2n ** 63n - 1n;
export const longMin = -(2n ** 63n);

/** The canonical form of an integer that must fit 64 bits. */
export function toLong(exact: bigint): Long {
  if (exact > longMax || exact < longMin) fail(`the integer ${shorten(exact)} does not fit 64 bits`);
  const short = Number(exact);
  return Number.isSafeInteger(short) ? short : exact;
}

// The fast path is exact: for safe operands, a float result that is a safe integer is the true result (a true result
// beyond 2^53 never rounds to within it). `+ 0` turns -0 into 0.

export function add(left: Long, right: Long): Long {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toLong(BigInt(left) + BigInt(right));
}

export function subtract(left: Long, right: Long): Long {
  if (typeof left === 'number' && typeof right === 'number') {
    const difference = left - right;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return toLong(BigInt(left) - BigInt(right));
}

export function multiply(left: Long, right: Long): Long {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right + 0;
    if (Number.isSafeInteger(product)) return product;
  }
  return toLong(BigInt(left) * BigInt(right));
}

export function negate(value: Long): Long {
  return subtract(0, value);
}

/** Division that drops the remainder, towards zero. */
export function truncatedQuotient(value: Long, by: number): Long {
  return toLong(BigInt(value) / BigInt(by));
}

/** The remainder of division towards minus infinity: never negative for a positive divisor. */
export function floorRemainder(value: Long, by: number): number {
  const divisor = BigInt(by);
  return Number(((BigInt(value) % divisor) + divisor) % divisor);
}

/** Digits of a 64-bit integer, or undefined where there are more than can fit. Keeps BigInt away from hostile lengths. */
export function parseDigits(digits: string): bigint | undefined {
  const significant = digits.replace(/^0+/, '');
  return significant.length > 20 ? undefined : BigInt(significant || '0');
}

function shorten(exact: bigint): string {
  const text = String(exact);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
