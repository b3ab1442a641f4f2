import type { Operator } from '@ambit/sdk/operator';
import type { Exit } from './exit.ts';
import type { Kind } from './kinds.ts';
import type { Line } from './line.ts';
import type { World } from './world.ts';

/** One option of a command: a name in camelCase becomes `--hyphened`. */
export type Flag<T> = {
  /** What stands for its value in the help; null for one that is only there or not. */
  readonly as: string | null;
  readonly says: string;
  readonly isRequired: boolean;
  readonly read: (given: readonly string[], name: string, now: number) => T;
};

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type Args = Readonly<Record<string, Kind<unknown>>>;

export type Values<A extends Args, F extends Flags> = {
  readonly args: { readonly [K in keyof A]: A[K] extends Kind<infer T> ? T : never };
  readonly flags: { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };
};

/** What a command answers: one JSON value for scripts and lines for people, or nothing where it has written itself. */
export type Answer =
  | { readonly value: unknown; readonly lines: readonly Line[]; readonly exit?: Exit }
  | { readonly written: true; readonly exit?: Exit };

export type Given<A extends Args, F extends Flags> = Values<A, F> & {
  readonly world: World;
  readonly isJson: boolean;
  /** Connects as the person that options, environment or profile name; closed when the command ends. */
  readonly operator: () => Promise<Operator>;
  /** The same choice without a connection. */
  readonly connection: Connection;
};

/** Who and where, as far as options said it. */
export type Connection = { readonly url?: string; readonly person?: string; readonly key?: string };

/** One command: everything about it in one row. The help is made of these rows. */
export type Command<A extends Args = Args, F extends Flags = Flags> = {
  /** `agent key add`. */
  readonly name: string;
  readonly says: string;
  readonly example: string;
  readonly args?: A;
  readonly flags?: F;
  /** Works without a plane: has no --url, --person, --key. */
  readonly isLocal?: true;
  readonly run: (given: Given<A, F>) => Promise<Answer>;
};

/** The row with its own types; seen from outside they are gone. */
export function command<const A extends Args, const F extends Flags>(row: Command<A, F>): Command {
  return row as unknown as Command;
}

export const answer = (value: unknown, ...lines: readonly Line[]): Answer => ({ value, lines });
