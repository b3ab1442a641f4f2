import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { append } from './parts/append.ts';
import { isWanted, readArguments, requireKnown, type Wished } from './parts/arguments.ts';
import { authzen } from './parts/authzen.ts';
import { endWithUs } from './parts/children.ts';
import { consoleMeasure } from './parts/console.ts';
import { decideMeasure } from './parts/decide.ts';
import { withRows } from './parts/document.ts';
import { doors } from './parts/doors.ts';
import { endings } from './parts/endings.ts';
import { gateway } from './parts/gateway.ts';
import { gatewayPeers } from './parts/gateway-peers.ts';
import { growth } from './parts/growth.ts';
import { longRun } from './parts/long-run.ts';
import { machineText } from './parts/machine.ts';
import type { Measure, Setting } from './parts/measure.ts';
import { mutualTls } from './parts/mutual-tls.ts';
import { root } from './parts/places.ts';
import { profileText } from './parts/profile.ts';
import { brokenRow, type Row, table } from './parts/row.ts';
import { svid } from './parts/svid.ts';
import { tokens } from './parts/tokens.ts';

const measures: readonly Measure[] = [
  gateway,
  gatewayPeers,
  doors,
  mutualTls,
  decideMeasure,
  authzen,
  append,
  tokens,
  svid,
  endings,
  growth,
  longRun,
  consoleMeasure,
];
const document = join(root, 'docs/benchmarks.md');
const names = measures.flatMap(({ rows }) => rows);

/** Measures what is asked for, one after the other, and prints the rows. Progress goes to standard error. */
export async function runBench(args: readonly string[]): Promise<void> {
  const wished = understood(args);
  if (wished === undefined) return;
  if (wished.list) return print(names.join('\n'));
  endWithUs();
  const rows: Row[] = [];
  for (const measure of measures) {
    if (!measure.rows.some((name) => isWanted(name, wished.only))) continue;
    rows.push(...(await run(measure, wished)));
  }
  if (wished.write) writeFileSync(document, withRows(readFileSync(document, 'utf8'), rows, names, machineText()));
  print(wished.json ? JSON.stringify(rows, null, 2) : table(rows));
}

/** What cannot be read is said in one sentence, and nothing is measured. */
function understood(args: readonly string[]): Wished | undefined {
  try {
    const wished = readArguments(args);
    requireKnown(wished.only, names);
    return wished;
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

/** A measurement that breaks takes its own rows along, and no other. */
async function run(measure: Measure, wished: Wished): Promise<readonly Row[]> {
  try {
    return await measure.run(settingFor(measure, wished));
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${error instanceof Error ? error.stack : because}\n`);
    process.exitCode = 1;
    return measure.rows.filter((name) => isWanted(name, wished.only)).map((name) => brokenRow(name, because));
  }
}

function settingFor(measure: Measure, { quick, profile, only }: Wished): Setting {
  const title = measure.rows.find((name) => isWanted(name, only)) ?? '';
  return {
    quick,
    profile,
    wants: (row) => isWanted(row, only),
    say: (text) => process.stderr.write(`${title}: ${text}\n`),
    profiled: (of, summary) => void (profile && process.stderr.write(`\n${profileText(of, summary)}\n`)),
  };
}

const print = (text: string) => void process.stdout.write(`${text}\n`);
