import { cleanText } from '@ambit/protocol';
import type { Operator } from '@ambit/sdk/operator';
import { Option, Command as Program } from 'commander';
import type { Answer, Command, Connection, Flag } from './command.ts';
import { type Exit, exits } from './exit.ts';
import { readValue } from './kinds.ts';
import { line, printJson, printLine } from './line.ts';
import { connect } from './profile.ts';
import { hasColours, type World, write } from './world.ts';

/** How a group of commands introduces itself. */
export type Groups = Readonly<Record<string, string>>;

export type Ran = { exit: Exit };

const connectionFlags = {
  url: ['<origin>', 'where Ambit’s people’s listener is (AMBIT_URL)'],
  person: ['<id>', 'who you are (AMBIT_PERSON)'],
  key: ['<file>', 'your key file, mode 600 (AMBIT_PERSON_KEY)'],
} as const;

/** The rows as a program. `ran` is told how the command ended. */
export function program(rows: readonly Command[], groups: Groups, version: string, world: World, ran: Ran): Program {
  const root = new Program('ambit')
    .description('Ambit: the identity and runtime authorization plane for AI agents.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'how to use it')
    .helpCommand('help [command]', 'how to use a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      // Said once, by whoever catches it, in the form that all errors have.
      outputError: () => undefined,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', `\n${exitTable()}`);
  for (const row of rows) mount(root, row, groups, world, ran);
  return root;
}

function exitTable(): string {
  const rows = Object.values(exits).map(({ code, says }) => `  ${code}  ${says}`);
  const where =
    'Who you are comes from --url, --person and --key, else AMBIT_URL, AMBIT_PERSON and AMBIT_PERSON_KEY, else from the\n' +
    'profile that `ambit enrol` writes: profile.json in AMBIT_HOME (~/.config/ambit).';
  return `${where}\n\nExit codes:\n${rows.join('\n')}`;
}

function mount(root: Program, row: Command, groups: Groups, world: World, ran: Ran): void {
  const path = row.name.split(' ');
  const leaf = path.pop() ?? '';
  const one = groupOf(root, path, groups).command(leaf).description(row.says);
  for (const [name, kind] of Object.entries(row.args ?? {})) {
    const shown = kind.isRest ? `${name}...` : name;
    one.argument(kind.isOptional ? `[${shown}]` : `<${shown}>`, kind.says ?? kind.expects);
  }
  for (const [name, flag] of Object.entries(row.flags ?? {})) one.addOption(optionOf(name, flag));
  if (row.isLocal === undefined) {
    for (const [name, [value, says]] of Object.entries(connectionFlags)) one.option(`--${name} ${value}`, says);
  }
  one.option('--json', 'one JSON value on standard output');
  one.addHelpText('after', `\nExample:\n  ${row.example}\n\nExit codes: ambit --help`);
  one.action(async (...given: unknown[]) => {
    ran.exit = await runRow(row, given.slice(0, Object.keys(row.args ?? {}).length), one.opts(), world);
  });
}

function groupOf(root: Program, path: readonly string[], groups: Groups): Program {
  let at = root;
  for (const [depth, name] of path.entries()) {
    const known = at.commands.find((one) => one.name() === name);
    at = known ?? at.command(name).description(groups[path.slice(0, depth + 1).join(' ')] ?? '');
  }
  return at;
}

const hyphened = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function optionOf(name: string, { as, says, isRequired }: Flag<unknown>): Option {
  const told = isRequired ? `${says} (required)` : says;
  const option = new Option(`--${hyphened(name)}${as === null ? '' : ` <${as}>`}`, told);
  if (as !== null) option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return option.makeOptionMandatory(isRequired);
}

type Options = Readonly<Record<string, unknown>>;

async function runRow(row: Command, given: readonly unknown[], options: Options, world: World): Promise<Exit> {
  const operators: Operator[] = [];
  const connection = connectionOf(options);
  try {
    const said = await row.run({
      args: argsOf(row, given, world.clock()),
      flags: flagsOf(row, options, world.clock()),
      world,
      isJson: options.json === true,
      connection,
      async operator() {
        const operator = await connect(world.env, connection);
        operators.push(operator);
        return operator;
      },
    });
    await print(said, options.json === true, world);
    return said.exit ?? 'ok';
  } finally {
    for (const operator of operators) await closeQuietly(operator, world);
  }
}

/** What was asked for is done by now: a session that stays open ends by itself, and its key is gone with the process. */
async function closeQuietly(operator: Operator, { stderr }: World): Promise<void> {
  try {
    await operator.close();
  } catch (error) {
    const because = error instanceof Error ? error.message : 'unknown';
    stderr.write(`ambit: the session could not be closed and ends by itself (${cleanText(because)})\n`);
  }
}

function connectionOf({ url, person, key }: Options): Connection {
  return {
    ...(typeof url === 'string' && { url }),
    ...(typeof person === 'string' && { person }),
    ...(typeof key === 'string' && { key }),
  };
}

function argsOf({ args = {} }: Command, given: readonly unknown[], now: number) {
  const read = Object.entries(args).map(([name, kind], i) => {
    const [word, read] = [given[i], (text: string) => readValue(kind, text, `<${name}>`, now)];
    if (Array.isArray(word)) return [name, word.flatMap((one) => (typeof one === 'string' ? read(one) : []))];
    return [name, typeof word === 'string' ? read(word) : undefined];
  });
  return Object.fromEntries(read) as Readonly<Record<string, unknown>>;
}

function flagsOf({ flags = {} }: Command, options: Options, now: number) {
  const read = Object.entries(flags).map(([name, flag]) => [
    name,
    flag.read(textsOf(givenOf(optionOf(name, flag), options)), `--${hyphened(name)}`, now),
  ]);
  return Object.fromEntries(read) as Readonly<Record<string, unknown>>;
}

/** The parser files an option under a name of its own, and `--no-x` as an x that is false. */
function givenOf(option: Option, options: Options): unknown {
  const given = options[option.attributeName()];
  return option.negate ? given === false : given;
}

const textsOf = (given: unknown): readonly string[] =>
  given === true ? ['true'] : Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];

async function print(said: Answer, isJson: boolean, world: World): Promise<void> {
  if ('written' in said) return;
  if (isJson) return write(world.stdout, `${printJson(said.value)}\n`);
  const colours = hasColours(world);
  for (const one of said.lines) await write(world.stdout, `${printLine(one, colours)}\n`);
}

export const nothing = line`Nothing to show.`;
