import { type Child, startChild } from './children.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { sourceRoot } from './places.ts';
import { type CpuProfile, summarise } from './profile.ts';
import { type Row, rowOf } from './row.ts';
import { inTurn, medianOf, runRound, type Side } from './side.ts';
import { measuredPath, openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';

const connections = 32;
const profileSeconds = 5;

/** The whole gateway beside a process that only checks the proof and forwards. */
export const gateway: Measure = {
  rows: ['gateway-throughput'],
  async run(setting) {
    const stand = await openStand();
    const client = await startChild('client');
    const bare = await startProofOnly(stand);
    try {
      const sides = [planeSide(stand), bare.side] as const;
      const seconds = setting.quick ? 0.7 : 4;
      const { say } = setting;
      const warming = setting.quick ? { warmCalls: 3000, warmSeconds: 2 } : { warmCalls: 20_000, warmSeconds: 20 };
      const rounds = { connections, seconds, times: pairs, say, ...warming };
      const [ours = [], proofOnly = []] = await inTurn(client, sides, rounds);
      if (setting.profile) await profileSides(setting, client, sides);
      return [throughput(setting, ours, proofOnly, seconds)];
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

export function planeSide({ plane, agents, holders }: Stand): Side {
  const request = { holders, origin: agents, method: 'GET', path: measuredPath };
  return { name: 'ambit', server: plane, port: Number(new URL(agents).port), request };
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
  const request = { holders, origin: agents, method: 'GET', path: measuredPath };
  return { child, side: { name: 'proof-only', server: child, port: Number(new URL(url).port), request } };
}

async function profileSides({ profiled, quick }: Setting, client: Child, sides: readonly Side[]): Promise<void> {
  for (const side of sides) {
    const seconds = quick ? 2 : profileSeconds;
    await side.server?.ask('startProfile');
    await runRound(client, side, { connections, seconds }, 12_000 * seconds);
    const profile = await side.server?.ask<CpuProfile>('stopProfile');
    if (profile !== undefined) profiled(side.name, summarise(profile, sourceRoot));
  }
}
