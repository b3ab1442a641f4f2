import type { PersonId } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';
import type { PolicyProblem } from './policies.ts';

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
  readonly digest: string;
  readonly publishedBy: PersonId;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly note: string;
};

export type PublishedDomain = DomainVersion & Omit<DomainDraft, 'entities'> & { readonly name: string };

export type Domains = ReturnType<typeof domainsRoom>;

/** For the role `policy`; what is wrong with a domain is refused as `policy.invalid`. */
export function domainsRoom({ json }: Ask) {
  return {
    /** The newest version, whole, and the last ones before it. */
    show: (name: string) =>
      json<PublishedDomain & DomainDraft & { readonly older: readonly DomainVersion[] }>(
        'GET',
        at('/v1/domains/', name),
      ),
    /** Checks a domain without publishing it. */
    check: (name: string, draft: DomainDraft) =>
      json<{
        readonly policies: readonly string[];
        /** How many entities of each type the directory holds. */
        readonly directory: Readonly<Record<string, number>>;
        readonly warnings: readonly PolicyProblem[];
      }>('POST', `${at('/v1/domains/', name)}/check`, draft),
    /** Counts from the next question on. */
    publish: (name: string, draft: DomainDraft, note?: string) =>
      json<PublishedDomain>('POST', at('/v1/domains/', name), { ...draft, ...(note !== undefined && { note }) }),
  };
}
