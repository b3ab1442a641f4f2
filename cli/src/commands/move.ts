import { answer, type Command, command } from '../command.ts';
import { file, folder, may, need, words } from '../kinds.ts';
import { line, printLine } from '../line.ts';
import { startFault } from '../start-fault.ts';
import { hasColours, type World } from '../world.ts';

type Place = { readonly data: string | undefined; readonly keys: string | undefined };

export const moveCommands: readonly Command[] = [
  command({
    name: 'move',
    says: 'Carries the embedded store over to an empty PostgreSQL database, and compares both sides. Ambit must not run.',
    example: 'ambit move --to postgres://ambit@127.0.0.1/ambit',
    isLocal: true,
    flags: {
      to: need(words, 'URL of the database; off loopback with sslmode=verify-full'),
      data: may(folder, 'folder of the embedded store (AMBIT_DATA)'),
      keys: may(file, 'file with the plane’s own keys, mode 600 (AMBIT_KEYS)'),
    },
    async run({ world, flags: { to, ...where }, isJson }) {
      const moved = await movedTo(world, to, where, isJson);
      return answer(
        moved,
        line`Moved: ${moved.entries} entries with the root ${moved.root}, ${moved.rows} rows in all; both sides are the same.`,
        line`The last checkpoint given out (${moved.checkpoint} entries) holds there.`,
        line`Next: set AMBIT_STORE to that URL, then ambit serve. The old store does not start any more.`,
      );
    },
  }),
];

async function movedTo(world: World, to: string, { data, keys }: Place, isJson: boolean) {
  const { moveTo, readConfig } = await import('../server.ts');
  const said = { AMBIT_DATA: data, AMBIT_KEYS: keys };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  try {
    return await moveTo(readConfig({ ...world.env, ...given }), to, ({ table, done, of }) => {
      if (!isJson) world.stderr.write(`${printLine(line`  ${table}: ${done} of ${of}`, hasColours(world))}\n`);
    });
  } catch (error) {
    throw startFault('The move failed', error);
  }
}
