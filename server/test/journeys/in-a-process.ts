import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { House } from '../house.ts';

export type PlaneProcess = {
  /** Everything that it ever wrote to its two streams, restarts included. */
  written(): string;
  /** As if the power went: no handler runs. */
  kill(): Promise<void>;
  /** On the same data, keys and ports. Resolves once both listeners answer. */
  start(): Promise<void>;
};

/** Hands the house's plane over to a process of its own, which can be killed. */
export async function inAProcess(house: House): Promise<PlaneProcess> {
  const { config, plane } = house;
  await plane.close();
  const env = {
    PATH: process.env.PATH ?? '',
    AMBIT_DATA: config.dataDirectory,
    AMBIT_KEYS: config.keyFile,
    AMBIT_AGENT_PORT: new URL(plane.agents).port,
    AMBIT_PEOPLE_PORT: new URL(plane.people).port,
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: config.outboundPrivateAllowed.join(','),
    AMBIT_CHECKPOINT_FILE: config.checkpointFile,
  };
  const script = fileURLToPath(new URL('./plane-process.ts', import.meta.url));
  let written = '';
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const made = spawn(process.execPath, ['--conditions=ambit-source', script], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = made;
    made.stderr?.on('data', (chunk: Buffer) => {
      written += chunk.toString('latin1');
    });
    await new Promise<void>((resolve, reject) => {
      made.once('exit', (code) => reject(new Error(`the plane ended with ${code}: ${written.slice(-2000)}`)));
      made.stdout?.on('data', (chunk: Buffer) => {
        written += chunk.toString('latin1');
        if (chunk.includes('\n')) resolve();
      });
    });
  }

  // Where a test is ended from outside, nothing of it stays behind.
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    written: () => written,
    start,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
