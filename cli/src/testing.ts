import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runIn } from './main.ts';
import type { World } from './world.ts';

export type Told = { readonly code: number; readonly out: string; readonly err: string };

export type Given = {
  readonly env?: World['env'];
  readonly stdin?: string;
  /** As at a terminal, where a person can be asked. */
  readonly isTerminal?: boolean;
};

/** Runs a command in this process, with streams of its own. */
export async function told(
  argv: readonly string[],
  { env = {}, stdin = '', isTerminal = false }: Given = {},
): Promise<Told> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const read = Promise.all([text(stdout), text(stderr)]);
  const tty = { isTTY: isTerminal };
  const world: World = {
    env,
    clock: Date.now,
    stdin: Object.assign(Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]), tty),
    stdout: Object.assign(stdout, tty),
    stderr: Object.assign(stderr, tty),
    stopped: () => Promise.resolve('at once'),
  };
  const code = await runIn(world, argv);
  stdout.end();
  stderr.end();
  const [out, err] = await read;
  return { code, out, err };
}
