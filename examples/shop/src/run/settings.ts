import { dirname, join, resolve } from 'node:path';
import { UsageFault } from './fault.ts';

/** Where the example keeps things, and what it was asked to do. */
export type Settings = {
  readonly dataDirectory: string;
  readonly keyFile: string;
  /** The second place of the log's checkpoints. */
  readonly checkpointFile: string;
  /** Keys of the cast, the shop's credential and its data: never the plane's. */
  readonly exampleDirectory: string;
  /** Stops after the run, with a scripted Bob. */
  readonly exit: boolean;
  /** One JSON object on standard output, everything else on standard error. */
  readonly json: boolean;
};

export const usage = `usage: npm start [-- [--exit] [--json]]
  --exit  a scripted Bob answers, and everything stops after the run
  --json  one JSON object about the run on standard output
AMBIT_DATA and AMBIT_KEYS name other places, AMBIT_AGENT_PORT and AMBIT_PEOPLE_PORT other ports.`;

export function readSettings(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings {
  const unknown = args.find((arg) => arg !== '--exit' && arg !== '--json');
  if (unknown !== undefined) {
    throw new UsageFault(`${unknown} is not an option; there are --exit, --json and --help`);
  }
  const keyFile = resolve(env.AMBIT_KEYS ?? './keys/ambit.keys');
  return {
    dataDirectory: resolve(env.AMBIT_DATA ?? './data'),
    keyFile,
    checkpointFile: resolve(env.AMBIT_CHECKPOINT_FILE ?? join(dirname(keyFile), 'checkpoints.jsonl')),
    exampleDirectory: join(dirname(keyFile), 'example'),
    exit: args.includes('--exit'),
    json: args.includes('--json'),
  };
}
