import type { Child } from './children.ts';
import type { Setting } from './measure.ts';
import { sourceRoot } from './places.ts';
import { type CpuProfile, summarise } from './profile.ts';
import { runRound, type Side } from './side.ts';

const perSecondMax = 12_000;

/** Where the main threads of servers that are ours spend their time under load. */
export async function profileSides(
  { profiled, quick }: Setting,
  client: Child,
  sides: readonly Side[],
  connections: number,
): Promise<void> {
  const seconds = quick ? 2 : 5;
  for (const side of sides) {
    if (side.server === undefined) continue;
    await side.server.ask('startProfile');
    await runRound(client, side, { connections, seconds }, perSecondMax * seconds);
    profiled(side.name, summarise(await side.server.ask<CpuProfile>('stopProfile'), sourceRoot));
  }
}
