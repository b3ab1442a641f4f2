import { parseDecimal } from './decimal.ts';
import type { EntryHeader } from './entry.ts';

/** What stands on a counter; `window` is the start of what it counts over in epoch milliseconds, 0 for all time. */
export type CounterHeld = { readonly counter: string; readonly window: number; readonly used: string };

/**
 * INVARIANT (state agrees with the log): what stands on a counter is what permits reserved on it, less what outcomes gave
 * back. Details say both, so counters are explained only where every detail was given. Pure: entries in, sentences out.
 */
export type CounterCheck = {
  held(line: CounterHeld): void;
  /** `isSince`: it may have been written after the counters were read. `detail` is undefined where it was not given. */
  entry(header: EntryHeader, detail: unknown, isSince: boolean): void;
  /** A sentence for each counter that the log does not explain; null where details are missing. */
  findings(): readonly string[] | null;
  size(): number;
};

type Place = Pick<CounterHeld, 'counter' | 'window'>;
type Charge = Place & { readonly by: string };
/** In billionths: decimals have at most nine places. */
type Sum = Place & { reserved: bigint; returned: bigint; reservedSince: bigint; returnedSince: bigint };

/** They mark a turn that was taken, and bound nothing. */
const isStamp = ({ counter }: Place) => /^(tasks|asked)\|/.test(counter);

export function checkCounters(): CounterCheck {
  const held = new Map<string, CounterHeld>();
  const sums = new Map<string, Sum>();
  let isComplete = true;
  let newestAt = 0;

  function sumOf(place: Place): Sum {
    const name = nameOf(place);
    const sum = sums.get(name) ?? {
      counter: place.counter,
      window: place.window,
      reserved: 0n,
      returned: 0n,
      reservedSince: 0n,
      returnedSince: 0n,
    };
    sums.set(name, sum);
    return sum;
  }

  function judge(line: CounterHeld): string | undefined {
    const sum = sumOf(line);
    const least = sum.reserved - sum.returned - sum.returnedSince;
    const most = sum.reserved - sum.returned + sum.reservedSince;
    const used = unitsOf(line.used);
    if (used !== undefined && used >= least && used <= most) return undefined;
    const explained = least === most ? shown(least) : `${shown(least)} to ${shown(most)}`;
    return `The counter ${label(line)} holds ${line.used}, and the log explains ${explained}: it was changed outside Ambit.`;
  }

  /** What a window counted may have been forgotten once it is over. */
  const isOver = ({ counter, window: start }: Place) =>
    start > 0 && start + Number(/\|(\d+)$/.exec(counter)?.[1] ?? 0) * 2000 < newestAt;

  return {
    held(line) {
      if (!isStamp(line)) held.set(nameOf(line), line);
    },
    entry({ kind, decision, at }, detail, isSince) {
      newestAt = Math.max(newestAt, at);
      const isPermit = kind === 'call.decided' && decision === 'permit';
      if (!isPermit && kind !== 'call.outcome') return;
      const charges = chargesIn(detail, isPermit ? 'charges' : 'returned');
      if (charges === undefined) isComplete = false;
      for (const charge of charges ?? []) {
        const side = isPermit ? 'reserved' : 'returned';
        sumOf(charge)[isSince ? (`${side}Since` as const) : side] += unitsOf(charge.by) ?? 0n;
      }
    },
    findings() {
      if (!isComplete) return null;
      const edited = [...held.values()].map(judge).filter((says) => says !== undefined);
      const gone = [...sums.values()]
        .filter((sum) => !held.has(nameOf(sum)) && !isOver(sum) && sum.reserved > sum.returned + sum.returnedSince)
        .map((sum) => `The counter ${label(sum)} is gone, and the log explains ${shown(sum.reserved - sum.returned)}.`);
      return [...edited, ...gone];
    },
    size: () => held.size,
  };
}

const nameOf = (place: Place) => `${place.window} ${place.counter}`;
const label = (place: Place) => (place.window === 0 ? place.counter : `${place.counter} of ${place.window}`);

function unitsOf(text: string): bigint | undefined {
  const value = parseDecimal(text);
  if (value === undefined) return undefined;
  const [whole = '0', part = ''] = value.split('.');
  return BigInt(whole + part.padEnd(9, '0'));
}

function shown(units: bigint): string {
  const digits = `${units < 0n ? -units : units}`.padStart(10, '0');
  const text = `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
  return units < 0n ? `-${text}` : text;
}

function chargesIn(detail: unknown, member: 'charges' | 'returned'): readonly Charge[] | undefined {
  if (typeof detail !== 'object' || detail === null) return undefined;
  const { [member]: list, kind } = detail as Readonly<Record<string, unknown>>;
  // What ended in doubt gave nothing back, whether or not it says so.
  if (list === undefined && kind === 'unknown') return [];
  return Array.isArray(list) && list.every(isCharge) ? list : undefined;
}

function isCharge(value: unknown): value is Charge {
  const { counter, window: start, by } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof counter === 'string' && Number.isSafeInteger(start) && parseDecimal(by) !== undefined;
}
