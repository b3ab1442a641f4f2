import { startChild } from './children.ts';
import type { Measure } from './measure.ts';
import { rowOf } from './row.ts';
import { median, rounded } from './statistics.ts';

/** How many JWT-SVIDs a second are checked, beside what their signatures alone cost. */
export const svid: Measure = {
  rows: ['svid-verify'],
  async run({ quick, say }) {
    const child = await startChild('svid');
    try {
      say('JWT-SVIDs and bare signatures');
      const how = { rounds: 7, milliseconds: quick ? 200 : 1000 };
      const rates = await child.ask<Record<string, number[]>>('measure', how);
      const of = (name: string) => median(rates[name] ?? []);
      return [
        rowOf({
          name: 'svid-verify',
          unit: 'SVIDs/s',
          ours: of('ours'),
          beside: { 'bare-signature': of('bare-signature') },
          leftOut: quick ? [`rounds of ${how.milliseconds} ms instead of 1000 ms`] : [],
          detail: { rounds: how.rounds, usPerSvid: rounded(1e6 / of('ours')) },
        }),
      ];
    } finally {
      await child.stop();
    }
  },
};
