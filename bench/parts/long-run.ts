import type { Usage } from './answering.ts';
import { type Child, startChild } from './children.ts';
import { callsOf, connections, planeSide } from './gateway.ts';
import type { Measure, Setting } from './measure.ts';
import { type Row, rowOf } from './row.ts';
import { runRound } from './side.ts';
import { openStand, type Stand, type StandOptions } from './stand.ts';
import { median, rounded } from './statistics.ts';

// What stays the same still moves by a little from one collection to the next.
const noise = 0.05;
const aim = {
  of: 'ratio',
  side: 'at most',
  bound: 1 + noise,
  asks: 'no growth in the second half (5 % is noise)',
} as const;
const sizes = { 'memory-200000': 200_000, 'memory-1000000': 1_000_000 } as const;
const quickCalls = { 'memory-200000': 2000, 'memory-1000000': 4000 } as const;
const secondsMax = 3600;
// Proofs are signed before a round and fresh for a minute: also a machine that is busy with others sends these in time.
const perRound = 5_000;
// Half of what a token holds here.
const renewMs = 1_800_000;

/** What the plane holds after many calls, and how soon it answers the first one. */
export const longRun: Measure = {
  rows: [...Object.keys(sizes), 'start-empty', 'start-10000000'],
  async run(setting) {
    const rows: Row[] = [];
    for (const [name, calls] of Object.entries(sizes)) {
      const some = setting.quick ? quickCalls[name as keyof typeof quickCalls] : calls;
      if (setting.wants(name)) rows.push(await memory(name, some, calls, setting));
    }
    if (setting.wants('start-empty')) rows.push(await start('start-empty', {}, 1, setting));
    if (setting.wants('start-10000000')) {
      const entries = setting.quick ? 100_000 : 10_000_000;
      const kept = setting.quick ? {} : { keptAs: `entries-${entries}` };
      rows.push(await start('start-10000000', { population: { entries }, ...kept }, 2, setting));
    }
    return rows;
  },
};

/** Heap and whole process, after collecting what is garbage, in the middle and at the end. */
async function memory(name: string, calls: number, asked: number, setting: Setting): Promise<Row> {
  const stand = await openStand({ args: ['--expose-gc'] });
  const client = await startChild('client');
  try {
    await send(stand, client, calls / 2, setting);
    const half = await stand.plane.ask<Usage>('usage', { gc: true });
    await send(stand, client, calls / 2, setting);
    const end = await stand.plane.ask<Usage>('usage', { gc: true });
    return rowOf({
      name,
      unit: 'MB of heap in use',
      ours: megabytes(end.heapUsed),
      beside: { 'after half': megabytes(half.heapUsed) },
      aim,
      leftOut: calls < asked ? [`${asked} calls; there were ${calls}, too few to say`] : [],
      detail: { calls, rssMb: { half: rounded(megabytes(half.rss)), end: rounded(megabytes(end.rss)) } },
    });
  } finally {
    await client.stop();
    await stand.close();
  }
}

const megabytes = (bytes: number) => bytes / 2 ** 20;

async function send(stand: Stand, client: Child, calls: number, { say }: Setting): Promise<void> {
  // The same tokens for as long as they hold: what is kept of each new one is bounded, and another question.
  let [holders, gotAt] = [await stand.fresh(), performance.now()];
  for (let left = calls; left > 0; left -= perRound) {
    if (performance.now() - gotAt > renewMs) [holders, gotAt] = [await stand.fresh(), performance.now()];
    const side = { ...planeSide(stand), request: callsOf({ agents: stand.agents, holders }) };
    const count = Math.min(perRound, left);
    const { perSecond } = await runRound(client, side, { connections, seconds: secondsMax }, count);
    say(`${left} calls to go, ${Math.round(perSecond)} a second`);
  }
}

const starts = 5;

/** From the start of the process to the first permitted call, its answer included. */
async function start(name: string, options: StandOptions, seconds: number, { say }: Setting): Promise<Row> {
  say(`${name}: making the store`);
  const stand = await openStand(options);
  const client = await startChild('client');
  try {
    const times: number[] = [];
    for (let i = 0; i < starts; i++) times.push(await startOnce(stand, client));
    say(`${name}: ${times.map((time) => time.toFixed(2)).join(' s, ')} s`);
    const entries = options.population?.entries ?? 0;
    return rowOf({
      name,
      unit: 's to the first decision',
      ours: median(times),
      aim: { of: 'ours', side: 'at most', bound: seconds, asks: `≤ ${seconds} s` },
      leftOut: name === 'start-10000000' && entries < 10_000_000 ? [`10000000 entries; there were ${entries}`] : [],
      detail: { starts, seededEntries: entries },
    });
  } finally {
    await client.stop();
    await stand.close();
  }
}

async function startOnce(stand: Stand, client: Child): Promise<number> {
  const side = planeSide(stand);
  const request = { ...side.request, count: 1, port: side.port };
  await client.ask('make', request);
  await stand.stopPlane();
  const began = performance.now();
  await stand.startPlane();
  const { calls, refused } = await client.ask<{ calls: number; refused: object }>('run', {
    port: side.port,
    connections: 1,
    seconds: secondsMax,
  });
  if (calls !== 1 || Object.keys(refused).length > 0)
    throw new Error(`the first call was refused: ${JSON.stringify(refused)}`);
  return (performance.now() - began) / 1000;
}
