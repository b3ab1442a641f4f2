import { addDecimal, type Decimal, decimalOf, type TenantId } from '@ambit/protocol';
import { fits } from '../authority/index.ts';
import type { Around, Database } from '../foundation/index.ts';
import { type Charge, formerCounterOf } from './charges.ts';
import { sliceEnds } from './window.ts';

/** A charge with what counts against its maximum now. */
export type Counted = Charge & {
  /** In its own slice and those around it that are not over. */
  readonly used: Decimal;
  /** How much of that was counted by an older release; absent where nothing was. */
  readonly besides?: Decimal;
};

type Counters = Pick<Database, 'counter'>;

type Slices = {
  /** The oldest first. */
  readonly held: readonly Decimal[];
  /** What an older release counted since the oldest began. */
  readonly former: Decimal;
};

/** Reads what stands on the counters of a call. The writer adds up again: it alone knows what is admitted meanwhile. */
export const countCharges = (database: Counters, tenant: TenantId, charges: readonly Charge[]): Promise<Counted[]> =>
  Promise.all(charges.map((charge) => counted(database, tenant, charge)));

async function counted(database: Counters, tenant: TenantId, charge: Charge): Promise<Counted> {
  const { counter, window, around } = charge;
  if (around === undefined) return { ...charge, used: await database.counter(tenant, counter, window) };
  const slices = await readSlices(database, tenant, { counter, window, around });
  const { held, former } = slices;
  const used = usedOf(slices);
  const all = { ...charge, used, ...(former === zero ? {} : { besides: former }) };
  if (fits(used, charge.by, charge.max)) return all;
  return { ...all, freeAt: await hasRoomAt(database, tenant, { ...charge, around }, held) };
}

/** What the oldest slice of a span holds, and each that follows, up to the one after the present. */
export async function readSlices(
  database: Counters,
  tenant: TenantId,
  { counter, window, around }: Required<Pick<Charge, 'counter' | 'window' | 'around'>>,
): Promise<Slices> {
  const oldest = window - around.windows * around.ms;
  const [former = zero, ...held] = await Promise.all([
    database.counter(tenant, formerCounterOf(counter), oldest),
    // The clock of another node may be ahead of this one: what it counts there counts here.
    ...slicesUpTo(window + around.ms, oldest, around).map((start) => database.counter(tenant, counter, start)),
  ]);
  return { held, former };
}

export const usedOf = ({ held, former }: Slices): Decimal => held.reduce(add, former);

/** As slices go out of the span, the oldest first, there comes a moment when what is left has room for the charge. */
async function hasRoomAt(
  database: Counters,
  tenant: TenantId,
  { counter, window, around, by, max }: Charge & { readonly around: Around },
  held: readonly Decimal[],
): Promise<number> {
  const starts = slicesUpTo(window, window - around.windows * around.ms, around);
  for (const [i, gone] of starts.entries()) {
    const former = await database.counter(tenant, formerCounterOf(counter), gone + around.ms);
    if (fits(held.slice(i + 1).reduce(add, former), by, max)) return sliceEnds(gone, around);
  }
  return sliceEnds(window, around);
}

function slicesUpTo(newest: number, oldest: number, { ms }: Around): number[] {
  const starts: number[] = [];
  for (let start = oldest; start <= newest; start += ms) starts.push(start);
  return starts;
}

const zero = decimalOf('0');
const add = (sum: Decimal, one: Decimal): Decimal => (one === zero ? sum : sum === zero ? one : addDecimal(sum, one));
