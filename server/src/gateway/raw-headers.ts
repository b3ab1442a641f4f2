import type { Header } from '../foundation/index.ts';

/** Header fields in the order they came, as pairs. */
export function headers(rawHeaders: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return pairs;
}
