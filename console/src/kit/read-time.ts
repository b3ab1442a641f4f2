/** Times as people read them: in their own zone, and in the way of their locale. */
export const readTime = {
  /** `15:20` */
  minute: (at: number): string => format(at, { hour: '2-digit', minute: '2-digit' }),
  /** `15:09:20` */
  second: (at: number): string => format(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  /** `22 Nov 2026` */
  day: (at: number): string => format(at, { day: 'numeric', month: 'short', year: 'numeric' }),
  /** The full instant, with its offset: `2026-11-22 15:12:47 +01:00`. */
  full: fullInstant,
};

function format(at: number, parts: Intl.DateTimeFormatOptions): string {
  // 24 hours, unless the locale says otherwise: where nobody chose one, a browser says American English.
  const hourCycle = navigator.language === 'en-US' ? { hourCycle: 'h23' as const } : {};
  return new Intl.DateTimeFormat(navigator.language, { ...parts, ...(parts.hour && hourCycle) }).format(at);
}

function fullInstant(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(Math.abs(number)).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time} ${offset < 0 ? '-' : '+'}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
}

/** Below one hour how long ago; the same day its minute; else its day and minute. */
export function readSince(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 0) return readMoment(at, now);
  if (minutes === 0) return 'just now';
  if (minutes < 60) return minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`;
  return readMoment(at, now);
}

/** Its minute on the same day; else its day and minute. */
export function readMoment(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? readTime.minute(at) : `${readTime.day(at)}, ${readTime.minute(at)}`;
}

/** `41 ms`, `12 s`, `1 min 12 s`, `2 h 50 min`, `3 d 4 h`: the two largest parts. */
export function readDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = Math.floor(milliseconds / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** The largest part alone, for lists: `11 min`, `2 h 50 min`. */
export function readLeft(milliseconds: number): string {
  return milliseconds >= 60_000 ? readDuration(Math.floor(milliseconds / 60_000) * 60_000) : readDuration(milliseconds);
}
