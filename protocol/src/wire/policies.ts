import type { PersonId } from '../ids.ts';

/** A published version of the organisation’s rules. Versions are never edited; the newest counts. */
export type Policy = {
  /** Rises by one with each publication. */
  readonly number: number;
  /** Cedar. */
  readonly text: string;
  /** `sha-256:` of the text alone. */
  readonly digest: string;
  readonly publishedBy: PersonId | 'plane';
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly note: string;
};

export type PolicyProblem = { readonly policy: string | null; readonly line: number | null; readonly says: string };

/** What a text would make of the rules in force, by `@id`. */
export type RuleChanges = {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** They bind nobody any more once it is published: the plane adds none by itself, not even those that it began with. */
  readonly removed: readonly string[];
};
