import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { EntryHeader, ExportLine } from '@ambit/protocol';
import { anchorsIn, verifyExport } from '../../src/audit/index.ts';
import { plane } from '../../src/identity/index.ts';
import { whileDown } from '../attacks/offline.ts';
import type { House } from '../house.ts';

export type LoggedEntry = {
  readonly index: number;
  readonly leaf: string;
  readonly header: EntryHeader;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** The whole log as the auditor exports it, held against the second place. Fails where a single finding is made. */
export async function verifiedLog(house: House): Promise<LoggedEntry[]> {
  const lines = await exported(house, true);
  const { checkpointFile } = house.config;
  const anchors = anchorsIn(readFileSync(checkpointFile, 'utf8'), checkpointFile);
  assert.ok(anchors.length > 0, 'the second place holds no checkpoint');
  const verdict = await verifyExport(lines, { anchors });
  assert.deepEqual(verdict.findings, []);
  assert.ok(verdict.ok, verdict.says);
  return entriesIn(lines);
}

/** What the log says by now, believed: for whoever looks again and again until something is in it. */
export const logSoFar = async (house: House): Promise<LoggedEntry[]> => entriesIn(await exported(house, false));

async function exported(house: House, rows: boolean): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of await house.carol.operator.log.export({ details: true, rows })) lines.push(line);
  return lines;
}

const entriesIn = (lines: readonly string[]) =>
  lines.flatMap((text): LoggedEntry[] => {
    const line = JSON.parse(text) as ExportLine;
    if (line.type !== 'entry') return [];
    const detail = typeof line.detail === 'object' ? line.detail.detail : {};
    return [{ ...line, detail: detail as LoggedEntry['detail'] }];
  });

/** What the plane wrote of requests that it turned away, by source: read from the store, with the plane at rest. */
export function turnedAway(
  house: House,
  code = 'plane.too_busy',
): Promise<readonly { readonly source: string; readonly times: number }[]> {
  return whileDown(house, async ({ database: { log } }) => {
    const all = await log.entries(plane, { limit: 10_000 });
    return all
      .filter(({ header }) => header.code === code)
      .map((one) => {
        const detail = log.open(one)?.detail ?? assert.fail('a detail is gone');
        return { source: String(detail.source), times: one.header.kind === 'call.refused' ? 1 : Number(detail.more) };
      });
  });
}
