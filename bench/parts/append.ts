import { type Child, startChild } from './children.ts';
import type { Measure, Setting } from './measure.ts';
import { scratchFolder } from './places.ts';
import { profileChild, wantsWhy } from './profile-sides.ts';
import { type Row, rowOf } from './row.ts';
import { median, rounded } from './statistics.ts';

const sizes = [1, 16, 64, 256];
const aim = { of: 'ratio', side: 'at least', bound: 0.6, asks: '≥ 60 %' } as const;

/** The log's durable append, sealed, hashed and in its tree, beside a writer that only puts bytes into SQLite. */
export const append: Measure = {
  rows: sizes.map((callers) => `audit-append-${callers}`),
  async run(setting) {
    const child = await startChild('append');
    try {
      const { rowBytes } = await child.ask<{ rowBytes: number }>('start', { folder: scratchFolder() });
      const rows: Row[] = [];
      for (const callers of sizes) {
        if (setting.wants(`audit-append-${callers}`)) rows.push(await measure(child, callers, rowBytes, setting));
      }
      return rows;
    } finally {
      await child.stop();
    }
  },
};

async function measure(child: Child, callers: number, rowBytes: number, setting: Setting): Promise<Row> {
  const { quick, say } = setting;
  say(`${callers} callers waiting`);
  const how = { callers, rounds: 7, milliseconds: quick ? 300 : 1500 };
  const rates = await child.ask<Record<string, number[]>>('measure', how);
  const of = (name: string) => median(rates[name] ?? []);
  const row = rowOf({
    name: `audit-append-${callers}`,
    unit: 'entries/s',
    ours: of('ours'),
    beside: { 'bare-writer': of('bare-writer') },
    aim,
    leftOut: quick ? [`rounds of ${how.milliseconds} ms instead of 1500 ms`] : [],
    detail: { callers, rounds: how.rounds, rowBytes, usPerEntry: rounded(1e6 / of('ours')) },
  });
  if (!wantsWhy(setting, row)) return row;
  const again = { ...how, rounds: 1, milliseconds: 2000, only: 'ours' };
  const about = { side: 'append', title: row.name, profiled: setting.profiled };
  return { ...row, whereTimeGoes: await profileChild(child, about, () => child.ask('measure', again)) };
}
