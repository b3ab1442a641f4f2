import { type Child, startChild } from './children.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { explained } from './profile-sides.ts';
import { type Row, rowOf } from './row.ts';
import { inTurn, medianOf, type Requests, type Side, usageOf } from './side.ts';
import { measuredPath, openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';

export const connections = 32;

/** The whole gateway beside a process that only checks the proof and forwards. */
export const gateway: Measure = {
  rows: ['gateway-throughput', 'gateway-added-p50', 'gateway-added-p99'],
  async run(setting) {
    const stand = await openStand();
    const client = await startChild('client');
    const bare = await startProofOnly(stand);
    try {
      const sides = [planeSide(stand), bare.side] as const;
      const seconds = setting.quick ? 0.6 : 4;
      const { say } = setting;
      const wantsLatency = ['gateway-added-p50', 'gateway-added-p99'].some(setting.wants);
      const times = setting.wants('gateway-throughput') ? pairs : 1;
      const rounds = { connections, seconds, times, say, ...warmingFor(setting) };
      const [ours = [], proofOnly = []] = await inTurn(client, sides, rounds);
      const fast = throughput(setting, ours, proofOnly, seconds);
      const rows = times < pairs ? [] : [await explained(setting, fast, { client, sides, connections })];
      if (!wantsLatency) return rows;
      const rate = Math.floor(medianOf('perSecond', ours) / 2);
      say(`at ${rate} calls a second`);
      const paced = { ...rounds, times: pairs, rate, connections: connections * 2 };
      const [late = [], lateBare = []] = await inTurn(client, sides, paced);
      return [...rows, ...addedLatency(setting, { rate, seconds }, late, lateBare)].filter(({ name }) =>
        setting.wants(name),
      );
    } finally {
      await client.stop();
      await bare.child.stop();
      await stand.close();
    }
  },
};

type Rounds = Parameters<typeof medianOf>[1];

function throughput({ quick }: Setting, ours: Rounds, proofOnly: Rounds, seconds: number): Row {
  return rowOf({
    name: 'gateway-throughput',
    unit: 'calls/s',
    ours: medianOf('perSecond', ours),
    beside: { 'proof-only': medianOf('perSecond', proofOnly) },
    aim: { of: 'ratio', side: 'at least', bound: 0.75, asks: '≥ 75 % of its throughput' },
    leftOut: quick ? [`rounds of ${seconds} s instead of 4 s`] : [],
    detail: {
      connections,
      rounds: ours.length,
      secondsPerRound: seconds,
      p50Ms: rounded(medianOf('p50', ours)),
      p99Ms: rounded(medianOf('p99', ours)),
      cpuUsPerCall: { ours: rounded(medianOf('cpuUs', ours)), 'proof-only': rounded(medianOf('cpuUs', proofOnly)) },
      mainThreadUsPerCall: {
        ours: rounded(medianOf('mainCpuUs', ours)),
        'proof-only': rounded(medianOf('mainCpuUs', proofOnly)),
      },
      ratioByMainThread: rounded(medianOf('mainCpuUs', proofOnly) / medianOf('mainCpuUs', ours)),
    },
  });
}

/** Fixed rate, and a call that could not be sent when it was due counts its wait. */
function addedLatency(
  { quick }: Setting,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  ours: Rounds,
  proofOnly: Rounds,
): Row[] {
  const row = (of: 'p50' | 'p99', bound: number) => {
    const [own, bare] = [medianOf(of, ours), medianOf(of, proofOnly)];
    return rowOf({
      name: `gateway-added-${of}`,
      unit: 'ms',
      ours: own,
      beside: { 'proof-only': bare },
      aim: { of: 'added', side: 'at most', bound, asks: `≤ ${bound} ms more` },
      leftOut: quick ? [`rounds of ${seconds} s instead of 4 s`] : [],
      detail: { addedMs: rounded(own - bare), callsPerSecond: rate, rounds: ours.length },
    });
  };
  return [row('p50', 1), row('p99', 5)];
}

export const warmingFor = ({ quick }: Setting) =>
  quick ? { warmCalls: 2000, warmSeconds: 1.5 } : { warmCalls: 20_000, warmSeconds: 20 };

/** Each of the agents in turn reads the order, with a fresh proof. */
export const callsOf = ({ agents, holders }: Pick<Stand, 'agents' | 'holders'>): Requests => ({
  method: 'GET',
  path: measuredPath,
  callers: { by: 'dpop', origin: agents, holders },
});

export function planeSide({ plane, agents, holders }: Stand): Side {
  return {
    name: 'ambit',
    server: plane,
    usage: usageOf(plane),
    port: Number(new URL(agents).port),
    request: callsOf({ agents, holders }),
  };
}

/** The same keys, tokens and proofs, in front of the same upstream. */
export async function startProofOnly({
  settings,
  agents,
  upstream,
  holders,
}: Stand): Promise<{ child: Child; side: Side }> {
  const child = await startChild('proof-only', { env: settings });
  const { url } = await child.ask<{ url: string }>('start', { plane: agents, upstream });
  const port = Number(new URL(url).port);
  const request = callsOf({ agents, holders });
  return { child, side: { name: 'proof-only', server: child, usage: usageOf(child), port, request } };
}
