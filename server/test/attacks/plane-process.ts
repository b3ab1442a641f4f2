import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/config.ts';
import { serve } from '../../src/main.ts';
import { compiled } from '../compiled.ts';
import type { House } from '../house.ts';

/** Settings that open the house's data again, on the ports that its cast knows. */
export const settingsOf = ({ config, plane }: House): Record<string, string> => ({
  AMBIT_DATA: config.dataDirectory,
  AMBIT_KEYS: config.keyFile,
  AMBIT_AGENT_PORT: new URL(plane.agents).port,
  AMBIT_PEOPLE_PORT: new URL(plane.people).port,
  AMBIT_OUTBOUND_PRIVATE_ALLOWED: config.outboundPrivateAllowed.join(','),
  AMBIT_CHECKPOINT_FILE: config.checkpointFile,
});

export function startProcess(env: Readonly<Record<string, string>>): ChildProcess {
  const args = ['--conditions=ambit-source', fileURLToPath(import.meta.url)];
  return spawn(process.execPath, args, { env: { ...compiled(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Moves the plane of the house into a process of its own, whose `close` is `kill -9`. */
export async function intoProcess(house: House): Promise<void> {
  const env = settingsOf(house);
  const { close, ...where } = house.plane;
  await close();
  const child = startProcess(env);
  child.stderr?.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
  if (line !== 'open') throw new Error(`the plane's process said ${JSON.stringify(line)} instead of opening`);
  house.plane = {
    ...where,
    async close() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await serve(readConfig(process.env));
    console.log('open');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
