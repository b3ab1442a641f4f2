import { readFileSync } from 'node:fs';
import type { Certified, Making, Plain, Result, Round } from '../client-process.ts';
import type { Child } from './children.ts';
import { median } from './statistics.ts';

/** Microseconds of user and system time: of the whole process, and of its main thread where that is known. */
export type CpuTime = { readonly processCpu: number; readonly mainCpu: number };
export type Requests = Omit<Making, 'count' | 'port'> | Plain | Certified;

/** One of the servers that are compared, and how the client asks it. */
export type Side = {
  readonly name: string;
  /** What it has used so far. */
  readonly usage: () => Promise<CpuTime>;
  /** Where a profile can be taken. */
  readonly server?: Child;
  readonly port: number;
  readonly request: Requests;
};

export type Measured = Result & {
  /** Microseconds of CPU of the server's process for one call, and of its main thread alone. */
  readonly cpuUs: number;
  readonly mainCpuUs: number;
};

export type Rounds = {
  readonly connections: number;
  readonly seconds: number;
  readonly rate?: number;
  /** Pairs: each side runs that often, in turn. */
  readonly times: number;
  readonly warmCalls: number;
  /** The warming ends then in any case. */
  readonly warmSeconds: number;
  readonly say?: (text: string) => void;
};

// Proofs are made for somewhat more calls than the fastest round has seen.
const spare = 1.5;

/** Measures the sides in turn, A B A B …, once each has answered `warmCalls` that do not count. */
export async function inTurn(client: Child, sides: readonly Side[], rounds: Rounds): Promise<Measured[][]> {
  const guesses: number[] = [];
  for (const side of sides) guesses.push(rounds.rate ?? (await warm(client, side, rounds)));
  const results: Measured[][] = sides.map(() => []);
  for (let i = 0; i < rounds.times; i++) {
    for (const [at, side] of sides.entries()) {
      const one = await runRound(client, side, rounds, Math.ceil(guesses[at]! * rounds.seconds * spare) + 100);
      guesses[at] = rounds.rate ?? Math.max(guesses[at]!, one.perSecond);
      results[at]!.push(one);
      rounds.say?.(`${side.name} ${i + 1}/${rounds.times}: ${shown(one)}`);
    }
  }
  return results;
}

const shown = ({ perSecond, cpuUs, mainCpuUs }: Measured) =>
  `${Math.round(perSecond)} calls/s, ${cpuUs.toFixed(0)} µs CPU a call, ${mainCpuUs.toFixed(0)} of them on its main thread`;

/** Code that has run a thousand times is compiled: before that a server is several times slower. Answers its pace. */
async function warm(client: Child, side: Side, { connections, warmCalls, warmSeconds, say }: Rounds): Promise<number> {
  const one = await runRound(client, side, { connections, seconds: warmSeconds }, warmCalls);
  say?.(`${side.name} is warm after ${one.calls} calls: ${shown(one)}`);
  return one.perSecond;
}

export async function runRound(
  client: Child,
  { name, usage, port, request }: Side,
  { connections, seconds, rate }: Pick<Rounds, 'connections' | 'seconds' | 'rate'>,
  count: number,
): Promise<Measured> {
  if ('callers' in request) await client.ask('make', { ...request, count, port });
  else await client.ask('certified' in request ? 'certify' : 'repeat', { ...request, port });
  const before = await usage();
  const round: Round = { port, connections, seconds, ...(rate === undefined ? {} : { rate }) };
  const result = await client.ask<Result>('run', round);
  const after = await usage();
  const refused = Object.entries(result.refused);
  if (refused.length > 0)
    throw new Error(`${name} refused calls: ${refused.map(([what, n]) => `${n} × ${what}`).join(', ')}`);
  const perCall = (of: 'processCpu' | 'mainCpu') => (after[of] - before[of]) / result.calls;
  return { ...result, cpuUs: perCall('processCpu'), mainCpuUs: perCall('mainCpu') };
}

export const medianOf = (of: keyof Omit<Measured, 'refused' | 'lastAcceptedAt'>, all: readonly Measured[]): number =>
  median(all.map((one) => one[of]));

/** A process of the bench's own. */
export const usageOf = (child: Child) => () => child.ask<CpuTime>('usage');

// Linux counts the time of processes in hundredths of a second (USER_HZ).
const tickUs = 10_000;

/** A program and its children: nginx has its workers. */
export const usageOfPrograms =
  (...pids: readonly number[]) =>
  async (): Promise<CpuTime> => {
    const all = pids.flatMap((pid) => [pid, ...childrenOf(pid)]);
    const processCpu = all.reduce((sum, pid) => sum + ticksOf(pid) * tickUs, 0);
    return { processCpu, mainCpu: Number.NaN };
  };

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').flatMap((one) => (one.trim() === '' ? [] : [Number(one)]));
}

/** Fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold spaces. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
