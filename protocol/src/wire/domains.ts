import type { PersonId } from '../ids.ts';

/** A world of the organisation’s own that enforcement points ask about, beside agents and tasks. */
export type DomainDraft = {
  /** Cedar’s schema text. What a point may tell of an entity is marked `@told`. */
  readonly schema: string;
  /** Cedar policies, each with an `@id`. */
  readonly rules: string;
  /** Who and what there is: Cedar’s JSON list of entities, as text. */
  readonly entities: string;
};

export type DomainVersion = {
  /** Rises by one with each publication of that name. */
  readonly number: number;
  /** `sha-256:` of all its parts. */
  readonly digest: string;
  readonly publishedBy: PersonId;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly note: string;
};

/** A published version, without its directory. Versions are never edited; the newest of a name counts. */
export type PublishedDomain = DomainVersion & Omit<DomainDraft, 'entities'> & { readonly name: string };
