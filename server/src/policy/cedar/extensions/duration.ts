import { fail } from '../evaluation-error.ts';
import { parseDigits, toLong } from '../long.ts';
import type { Duration } from '../value.ts';

const grammar = /^(-?)(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$/;
const unitMilliseconds = [86_400_000n, 3_600_000n, 60_000n, 1_000n, 1n] as const;

/** Days, hours, minutes, seconds and milliseconds in that order, each optional but not all: `1d12h`, `-500ms`. */
export function parseDuration(text: string): Duration {
  const match = grammar.exec(text);
  const counts = match?.slice(2) as Array<string | undefined> | undefined;
  if (!match || !counts || counts.every((count) => count === undefined)) {
    fail('a duration is written like 1d12h30m or 500ms');
  }
  const total = counts.reduce((sum, count, place) => sum + digits(count) * unitMilliseconds[place]!, 0n);
  return { kind: 'duration', milliseconds: toLong(match[1] ? -total : total) };
}

function digits(count: string | undefined): bigint {
  return parseDigits(count ?? '0') ?? fail('the duration is too long');
}
