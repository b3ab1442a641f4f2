import { answer, type Command, command } from '../command.ts';
import { count, file, folder, may, need, words } from '../kinds.ts';
import { line, printJson, printLine } from '../line.ts';
import { defaultUrl } from '../profile.ts';
import { startFault } from '../start-fault.ts';
import { hasColours, type World, write } from '../world.ts';

const place = {
  data: may(folder, 'folder of the embedded store (AMBIT_DATA)'),
  keys: may(file, 'file with the plane’s own keys, mode 600 (AMBIT_KEYS)'),
};

const ports = {
  agentPort: may(count, 'port of the agents’ listener (AMBIT_AGENT_PORT); 0 picks a free one'),
  peoplePort: may(count, 'port of the people’s listener (AMBIT_PEOPLE_PORT); 0 picks a free one'),
};

export const serveCommands: readonly Command[] = [
  command({
    name: 'serve',
    says: 'Runs Ambit until it is told to stop (SIGINT, SIGTERM). Settings come from the environment: docs/settings.md.',
    example: 'ambit serve --data ./data --keys ./keys/ambit.keys',
    isLocal: true,
    flags: { ...place, ...ports },
    async run({ world, flags, isJson }) {
      const running = await started(world, flags);
      const { agents, people, tls } = running;
      const told = isJson
        ? printJson({ agents, people, ...(tls !== null && { tls }), pid: process.pid })
        : [
            line`Ambit is up.`,
            line`  agents  ${agents}   gateway, tokens, decisions`,
            line`  people  ${people}   the console and the operator API`,
            ...(tls === null ? [] : [line`  tls     ${tls}   the agents’, with certificates`]),
            ...(people === defaultUrl ? [] : [line`To bring a key: ambit enrol --url ${people}`]),
          ]
            .map((one) => printLine(one, hasColours(world)))
            .join('\n');
      await write(world.stdout, `${told}\n`);
      await world.stopped();
      await running.close();
      if (!isJson) await write(world.stdout, 'Ambit has stopped.\n');
      return { written: true };
    },
  }),
  command({
    name: 'init',
    says: 'Makes a new plane: its keys, its store, one organisation, and the one-time code of its first administrator.',
    example: 'ambit init --name "Acme" --admin "Alice"',
    isLocal: true,
    flags: { name: need(words, 'the organisation'), admin: need(words, 'the first administrator'), ...place },
    async run({ world, flags: { name, admin, ...where } }) {
      const { tenant, person, code } = await initialised(world, { tenant: name, administrator: admin }, where);
      const shown = code.unwrap();
      return answer(
        { tenant, person, code: shown },
        line`${name} is ${tenant}; ${admin} is ${person}, its first administrator.`,
        line`One-time code, shown this once, with which ${admin} brings the first key:`,
        line`  ${shown}`,
        line`Next: ambit serve, and in another terminal: ambit enrol (it asks for the code)`,
      );
    },
  }),
];

type Place = { readonly data: string | undefined; readonly keys: string | undefined };
type Listening = Place & { readonly agentPort: number | undefined; readonly peoplePort: number | undefined };

async function started(world: World, flags: Listening) {
  const { readConfig, serve } = await import('../server.ts');
  try {
    return await serve(readConfig(settingsOf(world, flags)));
  } catch (error) {
    throw startFault('Ambit did not start', error);
  }
}

async function initialised(world: World, names: { tenant: string; administrator: string }, flags: Place) {
  const { initialise, readConfig } = await import('../server.ts');
  try {
    return await initialise(readConfig(settingsOf(world, flags)), names);
  } catch (error) {
    throw startFault('Nothing was made', error);
  }
}

/** The environment, with what options say in its place: both are read by the same rules. */
function settingsOf({ env }: World, flags: Place & Partial<Listening>): World['env'] {
  const said = {
    AMBIT_DATA: flags.data,
    AMBIT_KEYS: flags.keys,
    AMBIT_AGENT_PORT: flags.agentPort?.toString(),
    AMBIT_PEOPLE_PORT: flags.peoplePort?.toString(),
  };
  return { ...env, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}
