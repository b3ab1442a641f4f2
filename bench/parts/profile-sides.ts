import type { Child } from './children.ts';
import type { Setting } from './measure.ts';
import { sourceRoot } from './places.ts';
import { summarise, timeGoes } from './profile.ts';
import type { ThreadProfiles } from './profiled-threads.ts';
import type { Row } from './row.ts';
import { runRound, type Side } from './side.ts';

const perSecondMax = 12_000;

type Load = { readonly client: Child; readonly sides: readonly Side[]; readonly connections: number };

/** The row with where the threads of servers that are ours spend their time under load, where that is asked. */
export async function explained(setting: Setting, row: Row, { client, sides, connections }: Load): Promise<Row> {
  if (!wantsWhy(setting, row)) return row;
  const seconds = setting.quick ? 2 : 5;
  const whereTimeGoes: Record<string, ReturnType<typeof timeGoes>> = {};
  for (const side of sides) {
    if (side.server === undefined) continue;
    const { profiled } = setting;
    const about = { side: side.name, title: `${row.name}, ${side.name}`, profiled };
    const work = () => runRound(client, side, { connections, seconds }, perSecondMax * seconds);
    Object.assign(whereTimeGoes, await profileChild(side.server, about, work));
  }
  return { ...row, whereTimeGoes };
}

/** Asked for, or an aim that was missed when there was time to measure it. */
export const wantsWhy = ({ profile, quick }: Setting, { met }: Row): boolean => profile || (!quick && !met);

/** By the side's name, and where it has more threads than one, by that name and the number of each other thread. */
export async function profileChild(
  child: Child,
  { side, title, profiled }: { readonly side: string; readonly title: string; readonly profiled: Setting['profiled'] },
  work: () => Promise<unknown>,
): Promise<Record<string, ReturnType<typeof timeGoes>>> {
  await child.ask('startProfile');
  await work();
  const goes: Record<string, ReturnType<typeof timeGoes>> = {};
  for (const [i, profile] of (await child.ask<ThreadProfiles>('stopProfile')).entries()) {
    const summary = summarise(profile, sourceRoot);
    const thread = i === 0 ? '' : `, thread ${i + 1}`;
    profiled(`${title}${thread}`, summary);
    goes[`${side}${thread}`] = timeGoes(summary);
  }
  return goes;
}
