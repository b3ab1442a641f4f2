import type { Random } from '../../src/policy/cedar/generate.testing.ts';

/** What is fed to a target: one character a byte, so that it can hold what is not UTF-8. Corpus files are the same bytes. */
export type Input = string;

/** Makes another input out of one; `other` is a second one that the loop knows, to take pieces from. */
export type Mutation = (random: Random, input: Input, other: Input) => Input;

/** What the fuzzer throws inputs at, and what must hold of each of them. */
export type Target = {
  /** One sentence: what no input may break. */
  readonly holds: string;
  /** Pieces that mean something here. */
  readonly dictionary: readonly string[];
  /** Mutations that know the form of an input, beside those of bytes and tokens. */
  readonly mutations?: readonly Mutation[];
  /** Which part of the changes are those; half where it is not given. */
  readonly ownShare?: number;
  /** An input from nothing. */
  readonly generate?: (random: Random) => Input;
  /** Which part of the inputs is made from nothing; a fifth where it is not given. */
  readonly generatedShare?: number;
  /** Inputs to begin with, beside the corpus. */
  readonly seeds?: () => readonly Input[];
  readonly inputBytesMax: number;
  /** No single input takes longer. Far above what any does, so that a busy machine fails nothing. */
  readonly millisecondsMax: number;
  /** Outcomes that every run must come by: a run in which all is refused at once would hold of anything. */
  readonly reaches: readonly string[];
  readonly open: () => Subject | Promise<Subject>;
};

export type Subject = {
  /**
   * Throws where the input breaks what holds. Answers what became of the input, in a word or a few: an input with an
   * outcome that was not seen before is kept and mutated further.
   */
  readonly check: (input: Input) => string | Promise<string>;
  readonly close?: () => Promise<void>;
};

export const bytesOf = (input: Input): Buffer => Buffer.from(input, 'latin1');
export const inputOf = (bytes: Uint8Array | string): Input => Buffer.from(bytes).toString('latin1');
/** The input as UTF-8, what is none of it replaced. */
export const textOf = (input: Input): string => bytesOf(input).toString('utf8');
