import { dirname, join, resolve } from 'node:path';

/** Where the example keeps things, and what it was asked to do. */
export type Settings = {
  readonly dataDirectory: string;
  readonly keyFile: string;
  /** Keys of the cast, the shop's credential and its data: never the plane's. */
  readonly exampleDirectory: string;
  /** Stops after the run, with a scripted Bob. */
  readonly exit: boolean;
  /** One JSON object on standard output, everything else on standard error. */
  readonly json: boolean;
};

const usage = 'usage: npm start [-- [--exit] [--json]]   (AMBIT_DATA and AMBIT_KEYS name other places)';

export function readSettings(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings {
  const unknown = args.find((arg) => arg !== '--exit' && arg !== '--json');
  if (unknown !== undefined) throw new Error(`${unknown} is not an option; ${usage}`);
  const keyFile = resolve(env.AMBIT_KEYS ?? './keys/ambit.keys');
  return {
    dataDirectory: resolve(env.AMBIT_DATA ?? './data'),
    keyFile,
    exampleDirectory: join(dirname(keyFile), 'example'),
    exit: args.includes('--exit'),
    json: args.includes('--json'),
  };
}
