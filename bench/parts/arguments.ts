import { parseArgs } from 'node:util';

export type Wished = {
  readonly json: boolean;
  /** Whether the figures go into the document, too. */
  readonly write: boolean;
  readonly quick: boolean;
  readonly list: boolean;
  /** Whether a profile of the server is taken and summarised. */
  readonly profile: boolean;
  /** Names of rows, or what several begin with; null for all. */
  readonly only: readonly string[] | null;
};

/** Throws with a sentence for what cannot be read. */
export function readArguments(args: readonly string[]): Wished {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      profile: { type: 'string' },
    },
  });
  const { profile, only, ...rest } = values;
  const names = [...(only ?? []), ...(profile === undefined ? [] : [profile])].flatMap((text) => text.split(','));
  const wanted = names.map((name) => name.trim()).filter((name) => name !== '');
  if (names.length > 0 && wanted.length === 0)
    throw new Error('--only and --profile need the name of a row; see --list');
  return { ...rest, profile: profile !== undefined, only: names.length === 0 ? null : wanted };
}

/** Whether a row of that name is asked for: by its name, or by what it begins with up to a hyphen. */
export const isWanted = (name: string, only: Wished['only']): boolean =>
  only === null || only.some((one) => name === one || name.startsWith(`${one}-`));

/** Throws where one of the names stands for no row: a misspelt one would measure nothing, and say nothing. */
export function requireKnown(only: Wished['only'], names: readonly string[]): void {
  const unknown = (only ?? []).filter((one) => !names.some((name) => isWanted(name, [one])));
  if (unknown.length > 0) throw new Error(`no row is called ${unknown.join(', ')}; there are: ${names.join(', ')}`);
}
