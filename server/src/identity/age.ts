import type { AgeLimit } from '@ambit/protocol/wire';

/** What an organisation may set a greatest age of; of `unused`, how long an agent may ask for nothing. */
export const aging = ['key', 'template-key', 'token', 'task', 'agent', 'unused'] as const satisfies readonly Aging[];
export type Aging = AgeLimit['of'];
export type { AgeLimit };

/** Epoch milliseconds at which what began at `since` is too old; infinite where nothing was set. */
export function tooOldAt(limits: readonly AgeLimit[], of: Aging, since: number): number {
  const limit = limits.find((one) => one.of === of);
  return limit === undefined ? Number.POSITIVE_INFINITY : since + limit.secondsMax * 1000;
}

// What follows from a row is kept by the row's identity: the same row that ends sooner is the same object each time.
const sooner = new WeakMap<object, { readonly expiresAt: number }>();

/**
 * The row as it holds under the limits: it ends when its time has come or when it is too old, whichever is sooner. The row
 * in the store says what was agreed; whoever reads it reads this, so that what became overdue ends like what expired.
 */
export function aged<Row extends { readonly expiresAt: number }>(
  row: Row,
  limits: readonly AgeLimit[],
  of: Aging,
  since: number,
): Row {
  const expiresAt = tooOldAt(limits, of, since);
  if (expiresAt >= row.expiresAt) return row;
  const known = sooner.get(row);
  if (known?.expiresAt === expiresAt) return known as Row;
  const made = { ...row, expiresAt };
  sooner.set(row, made);
  return made;
}
