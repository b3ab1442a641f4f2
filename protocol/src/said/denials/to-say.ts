import type { AgentId, PersonId } from '../../ids.ts';
import type { ActionWords } from '../action-words.ts';
import type { Part, PartSource } from '../parts.ts';

/** What a denial is told from, beside its parts: what else its entry says, and the words of the catalog. */
export type DenialToSay = {
  readonly code: string;
  /** The text for whoever builds the agent, as the entry has it. */
  readonly because: string;
  /** What the catalog says of the action; undefined where it is none, or has gone. */
  readonly words: ActionWords | undefined;
  /** What was sent, by argument; null where it could not be read. */
  readonly values: Readonly<Record<string, unknown>> | null;
  /** The counters that the call would have charged, as the entry has them. */
  readonly charges: readonly ChargeSaid[];
  /** The task that it was made under, and who wrote that; null where it was made under none that is known. */
  readonly task: string | null;
  readonly writtenBy: PartSource;
  readonly agent: Part;
  /** Who asked for the task; null where the agent opened it itself. */
  readonly requester: Part | null;
  readonly naming: {
    readonly agent: (id: AgentId) => Part;
    readonly person: (id: PersonId) => Part;
    /** A moment in epoch milliseconds. */
    readonly time: (at: number) => Part;
  };
  /** Another task of the run: whose it is, and who wrote it. */
  readonly taskOf: (id: string) => { readonly agent: Part | null; readonly writtenBy: PartSource } | undefined;
};

/** Amounts are decimals; `max` is null where nothing bounds it. */
export type ChargeSaid = {
  readonly counter: string;
  readonly by: string;
  readonly max: string | null;
  readonly used: string;
};

/** The pieces of a denial: what stood in the way, what was asked for instead, and what to do next. */
export type Said = {
  readonly why: readonly Part[];
  readonly asked?: readonly Part[];
  /** Whole sentences. */
  readonly next: readonly Part[];
};

/** In the middle of a sentence, where it begins in our words. */
export function small(parts: readonly Part[]): readonly Part[] {
  const [first, ...rest] = parts;
  if (first === undefined || !('text' in first)) return parts;
  return [{ text: first.text.slice(0, 1).toLowerCase() + first.text.slice(1) }, ...rest];
}
