import type { DomainDraft, DomainVersion, PolicyProblem, PublishedDomain } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

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
