import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ExampleFault } from './fault.ts';

/** A program of the example, as a process of its own: it speaks in JSON lines on standard output. */
export type Child = {
  /** The next line, or undefined when the program has ended. */
  next(): Promise<unknown>;
  /** Every further line, until it ends. */
  readonly lines: AsyncIterable<unknown>;
  send(line: unknown): void;
  stop(): Promise<void>;
  /** What it wrote to standard error before its first line, in one line: afterwards that goes to ours. */
  complaint(): string;
};

type Env = Readonly<Record<string, string | undefined>>;

/** What runs now, in the order it was started. */
const running = new Set<ChildProcess>();
const complaintLengthMax = 4000;
/** After that it is killed: whoever said stop is waiting. */
const graceMilliseconds = 8000;

const endWithUs = new URL(`../../../../cli/bin/end-with-launcher.js?${process.pid}`, import.meta.url).href;

/** A program that ends with this process, even where this one is killed and cannot say so. */
function launch(file: string, args: readonly string[], env: Env) {
  const child = spawn(process.execPath, ['--import', endWithUs, '--conditions=ambit-source', file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  // A program that is gone already takes no more lines; its exit is what counts.
  child.stdin.on('error', () => undefined);
  let isHeard = false;
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (isHeard) process.stderr.write(text);
    else complaint = `${complaint}${text}`.slice(0, complaintLengthMax);
  });
  return {
    child,
    /** From now on it works, and what it writes to standard error is for whoever looks on. */
    hear() {
      isHeard = true;
      process.stderr.write(complaint);
      complaint = '';
    },
    complaint: () =>
      complaint
        .replace(/^ambit: /, '')
        .trim()
        .replaceAll(/\s*\n\s*/g, ' '),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.stdin?.end();
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
  await ended;
  clearTimeout(late);
}

/** Ends all that this process started, the latest first: who calls before who is called. */
export async function endAll(): Promise<void> {
  for (const child of [...running].reverse()) await end(child);
}

export function startChild(file: string, args: readonly string[], env: Env = {}): Child {
  const { child, hear, complaint } = launch(file, args, env);
  const reader = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  const parsed = async () => {
    const { value, done } = await reader.next();
    if (done !== true) {
      hear();
      return JSON.parse(value) as unknown;
    }
    await closed;
    return undefined;
  };
  return {
    next: parsed,
    lines: {
      async *[Symbol.asyncIterator]() {
        for (let line = await parsed(); line !== undefined; line = await parsed()) yield line;
      },
    },
    send: (line) => child.stdin.write(`${JSON.stringify(line)}\n`),
    stop: () => end(child),
    complaint,
  };
}

/** Runs a command to its end and answers its standard output; throws what it said where it failed. */
export async function runToEnd(file: string, args: readonly string[], env: Env = {}): Promise<string> {
  const { child, hear, complaint } = launch(file, args, env);
  child.stdin.end();
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  if (code !== 0) throw new ExampleFault(complaint() || `ambit ${args[0] ?? ''} ended with ${code}`);
  hear();
  return Buffer.concat(chunks).toString('utf8');
}
