import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program of the example, as a process of its own: it speaks in JSON lines on standard output. */
export type Child = {
  readonly process: ChildProcess;
  /** The next line, or undefined when the program has ended. */
  next(): Promise<unknown>;
  /** Every further line, until it ends. */
  readonly lines: AsyncIterable<unknown>;
  send(line: unknown): void;
  stop(): Promise<void>;
};

/** Starts a program. It ends with this process: its standard input closes then. */
export function startChild(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Child {
  const child = spawn(process.execPath, ['--conditions=ambit-source', file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const reader = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const parsed = async () => {
    const { value, done } = await reader.next();
    return done === true ? undefined : (JSON.parse(value) as unknown);
  };
  // A program that is gone already takes no more lines; its exit is what counts.
  child.stdin.on('error', () => undefined);
  return {
    process: child,
    next: parsed,
    lines: {
      async *[Symbol.asyncIterator]() {
        for (let line = await parsed(); line !== undefined; line = await parsed()) yield line;
      },
    },
    send: (line) => child.stdin.write(`${JSON.stringify(line)}\n`),
    async stop() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a command to its end and answers its standard output; throws with its exit code where it failed. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=ambit-source', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  if (code !== 0) throw new Error(`${file} ${args[0] ?? ''} ended with ${code}`);
  return Buffer.concat(chunks).toString('utf8');
}
