import { JsonNumber, type JsonValue } from '../json.ts';
import type { Scalar } from './authority.ts';

/** What a bound is held against: an argument of a call, or a member of another bound. */
export type Value = JsonValue | Scalar;

/**
 * One key per scalar: texts code unit by code unit, numbers by value, and no type is ever taken for another.
 * Undefined for lists, objects, and numbers that are not written as plain decimals.
 */
export function exactKey(value: Value): string | undefined {
  if (typeof value === 'string') return `text ${value}`;
  if (value === null || typeof value === 'boolean') return `word ${value}`;
  const number = numberText(value);
  return number === undefined ? undefined : `number ${number}`;
}

/**
 * One key for all that an upstream might take for the same: `30`, `"30"`, `" 030.0 "` and full-width digits, letters
 * of either case. What is excluded is excluded in all of its spellings.
 */
export function looseKey(value: Value): string | undefined {
  const text =
    typeof value === 'string' ? value : value === null || typeof value === 'boolean' ? `${value}` : numberText(value);
  if (text === undefined) return undefined;
  const folded = text.normalize('NFKC').trim().toLowerCase();
  const number = folded === '' ? Number.NaN : Number(folded);
  return Number.isNaN(number) ? `text ${folded}` : `number ${number}`;
}

/** The one spelling of a number: plain decimal, no zeros at the end of the fraction. Undefined for all else. */
export function numberText(value: Value): string | undefined {
  if (value instanceof JsonNumber) return plainNumber(value.text);
  return typeof value === 'number' ? plainNumber(String(value)) : undefined;
}

function plainNumber(text: string): string | undefined {
  const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  // Nothing is ever written as a negative zero: not a JsonNumber, and not the text of a number.
  return fraction === '' ? `${match[1]}${match[2]}` : `${match[1]}${match[2]}.${fraction}`;
}

const shownMax = 80;

/** The value as text for people: quoted, control and direction characters visible, long texts shortened and said so. */
export function show(value: Value): string {
  if (typeof value === 'string') return showText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return String(value);
  if (value instanceof JsonNumber) return value.text;
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
}

export function showText(text: string): string {
  const points = Array.from(text);
  const shown = points.slice(0, shownMax).join('').replace(/["\\]/g, '\\$&').replace(unseen, escaped);
  return points.length <= shownMax ? `"${shown}"` : `"${shown}…" (${points.length} characters)`;
}

// Controls, format characters (bidi, zero-width), separators other than the space, surrogates, private use, unassigned.
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const escaped = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`;
