import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { CliFault } from './exit.ts';

/** Everything outside the command: handed in, so that tests bring their own. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Resolves when the process is told to stop. */
  readonly stopped: () => Promise<string>;
};

export const processWorld = (): World => ({
  env: process.env,
  clock: Date.now,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stopped: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    }),
});

/** Waits where the reader is slower than we are. */
export async function write(to: Writable, text: string): Promise<void> {
  if (!to.write(text)) await once(to, 'drain');
}

/** Colours are for eyes: never in a file, never where they are switched off (NO_COLOR). */
export const hasColours = ({ env, stdout }: World): boolean =>
  stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';

/** All of standard input, at most `bytesMax`. */
export async function readStdin({ stdin }: World, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const part = Buffer.from(chunk as Uint8Array | string);
    bytes += part.length;
    if (bytes > bytesMax) {
      throw new CliFault('usage', `Standard input is longer than ${bytesMax} bytes.`, 'Send less of it');
    }
    chunks.push(part);
  }
  return decodeText(Buffer.concat(chunks), 'Standard input');
}

export function decodeText(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CliFault('usage', `${what} is not UTF-8 text.`, 'Save it as UTF-8', { cause: error });
  }
}

/** Whether a person sits there, who can be asked. */
export const isInteractive = ({ stdin, stderr }: World): boolean => stdin.isTTY === true && stderr.isTTY === true;

/** Asks at the terminal, on standard error, so that standard output stays what was asked for. Whoever leaves says nothing. */
export const askPerson = async (world: World, question: string): Promise<string> =>
  (await askWhoMayLeave(world, question)) ?? '';

const nobody = new Promise<never>(() => {});

/** The same; null where the person left the question (Ctrl-C, end of input), or `leaving` calls them away. */
export async function askWhoMayLeave(
  { stdin, stderr }: World,
  question: string,
  leaving: Promise<unknown> = nobody,
): Promise<string | null> {
  // What has ended already does not end once more for whoever asks now.
  if (stdin.readableEnded || stdin.destroyed) return null;
  const terminal = createInterface({ input: stdin, output: stderr });
  const left = Promise.race([once(terminal, 'close'), leaving]).then(() => null);
  try {
    return (await Promise.race([left, terminal.question(question)]))?.trim() ?? null;
  } finally {
    terminal.close();
  }
}
