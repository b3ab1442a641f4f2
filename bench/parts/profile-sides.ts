import type { Child } from './children.ts';
import type { Setting } from './measure.ts';
import { sourceRoot } from './places.ts';
import { type CpuProfile, summarise, timeGoes } from './profile.ts';
import type { Row } from './row.ts';
import { runRound, type Side } from './side.ts';

const perSecondMax = 12_000;

type Load = { readonly client: Child; readonly sides: readonly Side[]; readonly connections: number };

/** The row with where the main threads of servers that are ours spend their time under load, where that is asked. */
export async function explained(setting: Setting, row: Row, { client, sides, connections }: Load): Promise<Row> {
  if (!wantsWhy(setting, row)) return row;
  const seconds = setting.quick ? 2 : 5;
  const whereTimeGoes: Record<string, ReturnType<typeof timeGoes>> = {};
  for (const side of sides) {
    if (side.server === undefined) continue;
    const { profiled } = setting;
    whereTimeGoes[side.name] = await profileChild(side.server, { title: `${row.name}, ${side.name}`, profiled }, () =>
      runRound(client, side, { connections, seconds }, perSecondMax * seconds),
    );
  }
  return { ...row, whereTimeGoes };
}

/** Asked for, or an aim that was missed when there was time to measure it. */
export const wantsWhy = ({ profile, quick }: Setting, { met }: Row): boolean => profile || (!quick && !met);

export async function profileChild(
  child: Child,
  { title, profiled }: { readonly title: string; readonly profiled: Setting['profiled'] },
  work: () => Promise<unknown>,
): Promise<ReturnType<typeof timeGoes>> {
  await child.ask('startProfile');
  await work();
  const summary = summarise(await child.ask<CpuProfile>('stopProfile'), sourceRoot);
  profiled(title, summary);
  return timeGoes(summary);
}
