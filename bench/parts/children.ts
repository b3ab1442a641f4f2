import { type ChildProcess, fork, type Serializable, spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { removeScratch } from './places.ts';

/** A process of the bench's own that answers messages. */
export type Child = {
  readonly pid: number;
  ask<T>(kind: string, body?: Readonly<Record<string, unknown>>): Promise<T>;
  stop(): Promise<void>;
};

const alive = new Set<ChildProcess>();
const stopMs = 5000;

/** What is still running is ended, by its id, with this process: also where it is interrupted. */
export function endWithUs(): void {
  process.once('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll();
      process.kill(process.pid, signal);
    });
  }
}

function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
  removeScratch();
}

function track(child: ChildProcess): void {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
}

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** As whoever starts a plane has it from the second time on. */
const compileCache =
  process.env.NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };

/** Starts `bench/<name>-process.ts`. It inherits none of the settings of this process but its path. */
export async function startChild(
  name: string,
  { env = {}, args = [] }: { readonly env?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {},
): Promise<Child> {
  const child = fork(join(import.meta.dirname, '..', `${name}-process.ts`), {
    execArgv: ['--conditions=ambit-source', ...args],
    env: { PATH: process.env.PATH ?? '', ...compileCache, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  track(child);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let asked = 0;
  child.on('message', ({ id, value, error }: Answer) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.resolve(value);
    else one?.reject(new Error(`${name}: ${error}`));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values())
      reject(new Error(`${name} ended (${signal ?? code}) before it answered`));
    waiting.clear();
  });
  const ask = <T>(kind: string, body: Readonly<Record<string, unknown>> = {}) =>
    new Promise<T>((resolve, reject) => {
      const id = asked++;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      child.send({ id, kind, body } as Serializable, (error) => error && reject(error));
    });
  await ask('hello');
  return { pid: child.pid!, ask, stop: () => stop(child) };
}

/** A program that is not ours. */
export type Program = { readonly pid: number; stop(): Promise<void> };

/** Starts a program in the foreground, and waits until it listens on that port. It is ended by its id. */
export async function startProgram(command: string, args: readonly string[], port: number): Promise<Program> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  track(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command} ended at once: ${said}`);
    if (await listens(port)) return { pid: child.pid!, stop: () => stop(child) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop(child);
  throw new Error(`${command} does not listen on ${port}: ${said}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(timer);
}
