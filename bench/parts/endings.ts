import type { Making, Result } from '../client-process.ts';
import { type Child, startChild } from './children.ts';
import { callsOf, connections, planeSide, warmingFor } from './gateway.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { type Row, rowOf } from './row.ts';
import { runRound } from './side.ts';
import { openStand, type Stand } from './stand.ts';
import { median, rounded } from './statistics.ts';

/** How soon nothing goes on any more, and what it costs to write that down. */
export const endings: Measure = {
  rows: ['suspend-to-last-call', 'end-tree-10000'],
  async run(setting) {
    const rows: Row[] = [];
    if (setting.wants('suspend-to-last-call')) rows.push(await suspending(setting));
    if (setting.wants('end-tree-10000')) rows.push(await endingTrees(setting));
    return rows;
  },
};

/** Calls of the agent that will be suspended, a second: one every two milliseconds, so that the last one is seen to that. */
const rate = 500;
const connectionsOfOne = 16;

/** One agent after the other is suspended while it calls, and the others call as fast as they are answered. */
async function suspending(setting: Setting): Promise<Row> {
  const { quick, say } = setting;
  const stand = await openStand();
  const [others, one] = [await startChild('client'), await startChild('client')];
  try {
    const side = planeSide(stand);
    await runRound(
      others,
      side,
      { connections, seconds: warmingFor(setting).warmSeconds },
      warmingFor(setting).warmCalls,
    );
    const seconds = quick ? 1 : 3;
    const rounds: Suspended[] = [];
    for (let i = 0; i < pairs; i++) {
      const measured = await suspendOne(stand, { others, one }, i, seconds);
      say(
        `suspended in ${rounded(measured.answeredMs)} ms, the last call was accepted after ${rounded(measured.lastMs)} ms; ${measured.accepted} before it`,
      );
      rounds.push(measured);
    }
    return rowOf({
      name: 'suspend-to-last-call',
      unit: 'ms',
      ours: Math.max(...rounds.map(({ lastMs }) => lastMs)),
      aim: { of: 'ours', side: 'at most', bound: 100, asks: '< 100 ms' },
      leftOut: quick ? [`rounds of ${seconds} s instead of 3 s`] : [],
      detail: {
        medianMs: rounded(median(rounds.map(({ lastMs }) => lastMs))),
        suspendAnsweredMs: rounds.map(({ answeredMs }) => rounded(answeredMs)),
        lastMs: rounds.map(({ lastMs }) => rounded(lastMs)),
        callsPerSecond: rate,
        othersPerSecond: rounds.map(({ othersPerSecond }) => rounded(othersPerSecond)),
      },
    });
  } finally {
    await others.stop();
    await one.stop();
    await stand.close();
  }
}

type Suspended = {
  /** From when the person sent the suspension until its answer, and until the last answer to an accepted call was whole. */
  readonly answeredMs: number;
  readonly lastMs: number;
  readonly accepted: number;
  readonly othersPerSecond: number;
};

async function suspendOne(
  stand: Stand,
  { others, one }: { readonly others: Child; readonly one: Child },
  i: number,
  seconds: number,
): Promise<Suspended> {
  const { agents, holders, callers, operator } = stand;
  const port = Number(new URL(agents).port);
  const make = (of: typeof holders, count: number) => {
    const request = callsOf({ agents, holders: of }) as Omit<Making, 'count' | 'port'>;
    return { ...request, count, port };
  };
  await others.ask('make', make(holders.slice(i + 1), seconds * othersMax));
  await one.ask('make', make([holders[i]!], seconds * rate));
  const load = others.ask<Result>('run', { port, connections, seconds });
  const calling = one.ask<Result>('run', { port, connections: connectionsOfOne, seconds, rate });
  await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 2));
  const sentAt = performance.timeOrigin + performance.now();
  await operator.agents.suspend(callers[i]!.agent, 'Measured.');
  const answeredMs = performance.timeOrigin + performance.now() - sentAt;
  const [{ calls, refused, lastAcceptedAt }, { perSecond, refused: ofOthers }] = [await calling, await load];
  if (Object.keys(ofOthers).length > 0) throw new Error(`others were refused: ${JSON.stringify(ofOthers)}`);
  const denied = Object.values(refused).reduce((sum, some) => sum + some, 0);
  // Where nothing was refused, or nothing accepted before, the round says nothing of what lies between.
  if (denied === 0 || lastAcceptedAt === null)
    throw new Error(`${calls} calls, of which ${denied} were refused: ${JSON.stringify(refused)}`);
  return { answeredMs, lastMs: lastAcceptedAt - sentAt, accepted: calls - denied, othersPerSecond: perSecond };
}

/** More than the others can send in a second. */
const othersMax = 5000;

const trees = 3;

/** Alice revokes a task with so many below it, each with a token; one unit and one entry, durable before the answer. */
async function endingTrees({ quick, say }: Setting): Promise<Row> {
  const count = quick ? 1000 : 10_000;
  const stand = await openStand({ callers: trees, tokens: 0 });
  try {
    await stand.stopPlane();
    const seed = await startChild('seed', { env: stand.settings });
    for (const under of stand.callers) await seed.ask('tree', { count, under });
    await seed.stop();
    await stand.startPlane();
    const times: number[] = [];
    for (const { task } of stand.callers) {
      const began = performance.now();
      const { ended } = await stand.alice.tasks.revoke(task, 'Measured.');
      times.push((performance.now() - began) / 1000);
      const tasks = ended.filter(({ kind }) => kind === 'task').length;
      if (tasks !== count + 1) throw new Error(`${tasks} tasks were ended of ${count + 1}`);
      say(`${tasks} tasks and ${ended.length - tasks} tokens in ${rounded(times.at(-1)!)} s`);
    }
    return rowOf({
      name: 'end-tree-10000',
      unit: 's',
      ours: median(times),
      leftOut: count < 10_000 ? [`10000 tasks; there were ${count}`] : [],
      detail: { tasks: count, trees, seconds: times.map(rounded) },
    });
  } finally {
    await stand.close();
  }
}
