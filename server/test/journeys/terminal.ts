import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { printKey } from '@ambit/sdk/operator';
import { runIn } from '../../../cli/src/main.ts';
import type { House, Player } from '../house.ts';

/** The command line of that person; with what they type at a terminal, or where nobody sits at one (null). */
export async function ambit(
  house: Pick<House, 'directory' | 'plane'>,
  { id, key }: Player,
  typed: string | null,
  ...argv: readonly string[]
) {
  const file = join(house.directory, `${id}.key`);
  writeFileSync(file, printKey(key), { mode: 0o600 });
  const stream = () => Object.assign(new PassThrough(), { isTTY: typed !== null });
  const [stdin, stdout, stderr] = [stream(), stream(), stream()];
  const [out, err] = [text(stdout), text(stderr)];
  const env = { AMBIT_URL: house.plane.people, AMBIT_PERSON: id, AMBIT_PERSON_KEY: file, NO_COLOR: '1' };
  const world = { env, clock: Date.now, stdin, stdout, stderr, stopped: () => new Promise<string>(() => undefined) };
  stdin.end(typed ?? '');
  const code = await runIn(world, argv);
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err };
}
