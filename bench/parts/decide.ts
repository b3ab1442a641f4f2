import { startChild } from './children.ts';
import type { Measure, Setting } from './measure.ts';
import { installPeers } from './peers.ts';
import { profileChild, wantsWhy } from './profile-sides.ts';
import { type Row, rowOf } from './row.ts';
import { median } from './statistics.ts';

const sizes = [10, 100, 1000];
const aim = { of: 'ratio', side: 'at least', bound: 100, asks: '≥ 100 × the official build' } as const;

/** The whole of `decide` – authority, limits, rules – in process, beside evaluators that only know the rules. */
export const decideMeasure: Measure = {
  rows: sizes.map((size) => `decide-${size}`),
  async run(setting) {
    installPeers(setting.say);
    const rows: Row[] = [];
    for (const size of sizes) if (setting.wants(`decide-${size}`)) rows.push(await measure(size, setting));
    return rows;
  },
};

async function measure(policies: number, setting: Setting): Promise<Row> {
  const { quick, say } = setting;
  const child = await startChild('decide');
  try {
    say(`decide with ${policies} policies`);
    const how = { policies, rounds: 7, milliseconds: quick ? 100 : 500 };
    const rates = await child.ask<Record<string, number[]>>('measure', how);
    const of = (name: string) => median(rates[name] ?? []);
    const row = rowOf({
      name: `decide-${policies}`,
      unit: 'decisions/s',
      ours: of('ours'),
      beside: { 'cedar-official': of('cedar-official'), casbin: of('casbin') },
      aim,
      leftOut: quick ? [`rounds of ${how.milliseconds} ms instead of 500 ms`] : [],
      detail: { rounds: how.rounds, usPerDecision: Number((1e6 / of('ours')).toFixed(2)) },
    });
    if (!wantsWhy(setting, row)) return row;
    const again = { ...how, rounds: 1, milliseconds: 2000, only: 'ours' };
    const about = { side: 'decide', title: row.name, profiled: setting.profiled };
    return { ...row, whereTimeGoes: await profileChild(child, about, () => child.ask('measure', again)) };
  } finally {
    await child.stop();
  }
}
