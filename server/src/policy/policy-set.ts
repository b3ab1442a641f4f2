import type { PolicyProblem as Problem } from '@ambit/protocol/wire';
import type { Compiled, Effect } from './cedar/compile.ts';
import type { JsonObject } from './cedar/json.ts';

export type { Problem };

export type PolicyAbout = { readonly effect: Effect; readonly reason: string; readonly line: number };

/** A published set: immutable, and everything that a decision needs of it. */
export type PolicySet = {
  /** `sha-256:` of the text and the schema it was checked against. */
  readonly version: string;
  readonly text: string;
  readonly schema: JsonObject;
  readonly compiled: Compiled;
  /** By `@id`, in written order. */
  readonly about: ReadonlyMap<string, PolicyAbout>;
  /** The question of every forbid that asks, by `@id`. */
  readonly asks: ReadonlyMap<string, string>;
  /** Of every forbid that a person lifts by having proved who they are lately: within how many seconds, by `@id`. */
  readonly maxAges: ReadonlyMap<string, number>;
  /** Of some of these: by which Authentication Context Class they must have proved it, by `@id`. */
  readonly acrs: ReadonlyMap<string, string>;
  /** Each policy's own text, for the official evaluator. */
  readonly texts: ReadonlyMap<string, string>;
  /** What the validator finds odd but not wrong, e.g. a rule that can never match. */
  readonly warnings: readonly Problem[];
};

/** No policy may take this name: it stands for the absence of one. */
export const closedByDefault = 'closed-by-default';
