import { fail } from '../evaluation-error.ts';
import { add, floorRemainder, subtract } from '../long.ts';
import type { Datetime, Duration } from '../value.ts';

const dayMilliseconds = 86_400_000;

const grammar =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{3}))?(?:Z|([+-])([0-9]{2})([0-9]{2})))?$/;

/** A date, or a date with a time and its offset from UTC (`Z`, `+0130`). Real days only; no leap seconds, no 24:00. */
export function parseDatetime(text: string): Datetime {
  return parse(text) ?? fail('a datetime is written like 2027-01-31 or 2027-01-31T09:30:00Z');
}

function parse(text: string): Datetime | undefined {
  const match = grammar.exec(text);
  if (!match) return undefined;
  const part = (place: number): number => Number(match[place] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const [offsetHours, offsetMinutes] = [part(9), part(10)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const local = daysSinceEpoch(year, month, day) * dayMilliseconds + clockMilliseconds(hour, minute, second) + part(7);
  const offset = clockMilliseconds(offsetHours, offsetMinutes, 0);
  return { kind: 'datetime', epochMilliseconds: match[8] === '-' ? local + offset : local - offset };
}

function clockMilliseconds(hours: number, minutes: number, seconds: number): number {
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Counts from March, so that the leap day is the last of its year. `Date.UTC` would move the years 0–99 to 19xx. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = (month + 9) % 12;
  const leaps = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leaps + Math.floor((marchMonth * 153 + 2) / 5) + day - 1 - 719_468;
}

export function offset(datetime: Datetime, by: Duration): Datetime {
  return { kind: 'datetime', epochMilliseconds: add(datetime.epochMilliseconds, by.milliseconds) };
}

export function durationSince(later: Datetime, earlier: Datetime): Duration {
  return { kind: 'duration', milliseconds: subtract(later.epochMilliseconds, earlier.epochMilliseconds) };
}

/** The day's first instant, also before 1970: towards minus infinity. */
export function toDate({ epochMilliseconds }: Datetime): Datetime {
  const sinceMidnight = floorRemainder(epochMilliseconds, dayMilliseconds);
  return { kind: 'datetime', epochMilliseconds: subtract(epochMilliseconds, sinceMidnight) };
}

/** The time since that instant: never negative. */
export function toTime({ epochMilliseconds }: Datetime): Duration {
  return { kind: 'duration', milliseconds: floorRemainder(epochMilliseconds, dayMilliseconds) };
}
