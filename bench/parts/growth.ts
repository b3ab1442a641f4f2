import { type Child, startChild } from './children.ts';
import { planeSide, warmingFor } from './gateway.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { explained } from './profile-sides.ts';
import { type Row, rowOf } from './row.ts';
import { inTurn, medianOf } from './side.ts';
import { openStand, type Stand, type StandOptions } from './stand.ts';
import { rounded } from './statistics.ts';

const connections = 16;
const aim = { of: 'ratio', side: 'at most', bound: 1.1, asks: 'within 10 % of the smallest' } as const;

type Growing = {
  readonly sizes: readonly number[];
  readonly quickSizes: readonly number[];
  readonly stand: (size: number) => StandOptions;
};

const callersOf = (size: number) => Math.min(size, size > 10_000 ? 1000 : 100);

/** What a call costs must not depend on how much there is. */
const growing: Readonly<Record<string, Growing>> = {
  'growth-agents': {
    sizes: [10, 1000, 100_000],
    quickSizes: [10, 1000],
    stand: (size) => ({ callers: callersOf(size), population: { agents: size }, ...keptFrom(size, 'agents', 100_000) }),
  },
  'growth-policies': {
    sizes: [10, 100, 1000],
    quickSizes: [10, 1000],
    stand: (size) => ({ policies: size }),
  },
  'growth-entries': {
    sizes: [1000, 100_000, 10_000_000],
    quickSizes: [1000, 100_000],
    stand: (size) => ({ population: { entries: size }, ...keptFrom(size, 'entries', 10_000_000) }),
  },
};

/** What takes minutes to make is kept for the next time. */
const keptFrom = (size: number, of: string, from: number) => (size >= from ? { keptAs: `${of}-${size}` } : {});

export const growth: Measure = {
  rows: Object.keys(growing),
  async run(setting) {
    const rows: Row[] = [];
    for (const [name, how] of Object.entries(growing))
      if (setting.wants(name)) rows.push(await measure(name, how, setting));
    return rows;
  },
};

async function measure(name: string, { sizes, quickSizes, stand }: Growing, setting: Setting): Promise<Row> {
  const { quick, say } = setting;
  const wanted = quick ? quickSizes : sizes;
  const stands: Stand[] = [];
  let client: Child | undefined;
  try {
    for (const size of wanted) {
      say(`${name} with ${size}`);
      stands.push(await openStand(stand(size)));
    }
    client = await startChild('client');
    const sides = stands.map((one, i) => ({ ...planeSide(one), name: String(wanted[i]) }));
    const seconds = quick ? 0.5 : 4;
    const rounds = { connections, seconds, times: pairs, say, ...warmingFor(setting) };
    const all = (await inTurn(client, sides, rounds)).map((results) => medianOf('cpuUs', results));
    const [smallest = Number.NaN, ...others] = all;
    const measured = rowOf({
      name,
      unit: 'µs CPU a call',
      ours: Math.max(...others),
      beside: { [`with ${wanted[0]}`]: smallest },
      aim,
      leftOut: quick
        ? [`${sizes.at(-1)}; the largest was ${wanted.at(-1)}`, `rounds of ${seconds} s instead of 4 s`]
        : [],
      detail: { bySize: Object.fromEntries(wanted.map((size, i) => [size, rounded(all[i]!)])), rounds: pairs },
    });
    return await explained(setting, measured, { client, sides: [sides.at(-1)!, sides[0]!], connections });
  } finally {
    await client?.stop();
    for (const one of stands) await one.close();
  }
}
