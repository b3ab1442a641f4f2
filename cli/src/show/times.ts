/** `2026-06-30 14:05:09Z`: always the same instant for everybody who reads it. */
export const showTime = (at: number): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `${at}` : `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`;
};

export const showClock = (at: number): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `${at}` : `${date.toISOString().slice(11, 23)}Z`;
};

/** `in 14 min`, `3 h ago`. */
export function showDistance(at: number, now: number): string {
  const seconds = Math.round(Math.abs(at - now) / 1000);
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, 's'];
  const distance = `${Math.floor(seconds / size)} ${unit}`;
  return at >= now ? `in ${distance}` : `${distance} ago`;
}

/** `15 min`, `90 s`: the largest unit that divides it, so that nothing is rounded. */
export function showSeconds(seconds: number): string {
  const [size, unit] = units.find(([length]) => seconds % length === 0 && seconds >= length) ?? [1, 's'];
  return `${seconds / size} ${unit}`;
}

const units: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];
