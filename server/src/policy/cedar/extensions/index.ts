import { fail } from '../evaluation-error.ts';
import { truncatedQuotient } from '../long.ts';
import { type Duration, expect, type Kind, type Value, type ValueOf } from '../value.ts';
import { durationSince, offset, parseDatetime, toDate, toTime } from './datetime.ts';
import { parseDecimal } from './decimal.ts';
import { parseDuration } from './duration.ts';
import { isInRange, isLoopback, isMulticast, parseIp } from './ip.ts';

/** An extension function takes its receiver first. A wrong number of arguments is an error when it runs, not sooner. */
export type ExtensionFunction = (args: readonly Value[]) => Value;

/** Every function that a policy or an `__extn` in data may name; any other name is refused when loaded. */
export const extensionFunctions: ReadonlyMap<string, ExtensionFunction> = new Map([
  takes('decimal', ['string'], parseDecimal),
  takes('lessThan', ['decimal', 'decimal'], (left, right) => left.units < right.units),
  takes('lessThanOrEqual', ['decimal', 'decimal'], (left, right) => left.units <= right.units),
  takes('greaterThan', ['decimal', 'decimal'], (left, right) => left.units > right.units),
  takes('greaterThanOrEqual', ['decimal', 'decimal'], (left, right) => left.units >= right.units),

  takes('ip', ['string'], parseIp),
  takes('isIpv4', ['ip'], (address) => address.family === 4),
  takes('isIpv6', ['ip'], (address) => address.family === 6),
  takes('isLoopback', ['ip'], isLoopback),
  takes('isMulticast', ['ip'], isMulticast),
  takes('isInRange', ['ip', 'ip'], isInRange),

  takes('datetime', ['string'], parseDatetime),
  takes('offset', ['datetime', 'duration'], offset),
  takes('durationSince', ['datetime', 'datetime'], durationSince),
  takes('toDate', ['datetime'], toDate),
  takes('toTime', ['datetime'], toTime),

  takes('duration', ['string'], parseDuration),
  takes('toMilliseconds', ['duration'], ({ milliseconds }) => milliseconds),
  takes('toSeconds', ['duration'], countsWhole(1_000)),
  takes('toMinutes', ['duration'], countsWhole(60_000)),
  takes('toHours', ['duration'], countsWhole(3_600_000)),
  takes('toDays', ['duration'], countsWhole(86_400_000)),
]);

function takes<const Kinds extends readonly Kind[]>(
  name: string,
  kinds: Kinds,
  run: (...args: { -readonly [Place in keyof Kinds]: ValueOf[Kinds[Place]] }) => Value,
): [string, ExtensionFunction] {
  const untyped = run as (...args: readonly Value[]) => Value;
  return [
    name,
    (args) => {
      if (args.length !== kinds.length) fail(`${name} takes ${kinds.length} argument(s), not ${args.length}`);
      return untyped(...args.map((arg, place) => expect(arg, kinds[place]!)));
    },
  ];
}

function countsWhole(milliseconds: number): (duration: Duration) => Value {
  return (duration) => truncatedQuotient(duration.milliseconds, milliseconds);
}
