import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiled } from '../compiled.ts';
import type { House } from '../house.ts';

export type PlaneProcess = {
  /** Everything that it ever wrote to its two streams, restarts included. */
  written(): string;
  readonly pid: number | undefined;
  /** As if the power went: no handler runs. */
  kill(): Promise<void>;
  /** A second one on the same data, for those who see that it is refused; one that starts is killed at once. */
  another(env: Readonly<Record<string, string>>): Promise<void>;
  /** As an operator stops it: what is under way is written down first. */
  stop(): Promise<void>;
  /** On the same data, keys and ports. Resolves once both listeners answer; throws what it said where it does not start. */
  start(how?: Starting): Promise<void>;
};

export type Starting = {
  /** Settings besides those of the house. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the plane is started through, e.g. `['setpriv', '--reuid=nobody']`: it must become the plane (`exec`). */
  readonly through?: readonly string[];
  /** Modules that are loaded before the plane, e.g. one that sets its clock. */
  readonly imports?: readonly string[];
};

/** Hands the house's plane over to a process of its own, which can be killed. */
export async function inAProcess(house: House, always: Starting = {}): Promise<PlaneProcess> {
  const { config, plane } = house;
  await plane.close();
  const settings = {
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

  async function launch(how: Starting, started: (child: ChildProcess) => void): Promise<void> {
    const { env, through = [], imports = [] } = { ...always, ...how };
    const modules = imports.map((url) => `--import=${url}`);
    const [command = '', ...args] = [...through, process.execPath, '--conditions=ambit-source', ...modules, script];
    const made = spawn(command, args, {
      env: { ...compiled(), ...settings, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started(made);
    let said = '';
    const keep = (chunk: Buffer) => {
      said += chunk.toString('latin1');
      written += chunk.toString('latin1');
    };
    made.stderr?.on('data', keep);
    await new Promise<void>((resolve, reject) => {
      made.once('error', reject);
      // Closed, not only ended: what it said last has arrived by then.
      made.once('close', (code, signal) => reject(new Error(`the plane ended with ${code ?? signal}: ${said.trim()}`)));
      made.stdout?.on('data', (chunk: Buffer) => {
        keep(chunk);
        if (chunk.includes('\n')) resolve();
      });
    });
  }

  async function start(how: Starting = {}): Promise<void> {
    // One that started although it should not have is in nobody's way.
    await end('SIGKILL');
    await launch(how, (made) => {
      child = made;
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  // Where a test is ended from outside, nothing of it stays behind.
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    written: () => written,
    start,
    get pid() {
      return child?.pid;
    },
    async another(env) {
      let other: ChildProcess | undefined;
      try {
        await launch({ env: { ...always.env, ...env } }, (made) => {
          other = made;
        });
      } finally {
        other?.kill('SIGKILL');
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
