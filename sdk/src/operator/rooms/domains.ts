import type { DomainDraft } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Domains = ReturnType<typeof domainsRoom>;

/** For the role `policy`; what is wrong with a domain is refused as `policy.invalid`. */
export function domainsRoom({ json }: Ask) {
  return {
    /** The newest version, whole, and the last ones before it. */
    show: (name: string) => json('GET /v1/domains/:domain', { at: { domain: name } }),
    /** Checks a domain without publishing it. */
    check: (name: string, draft: DomainDraft) =>
      json('POST /v1/domains/:domain/check', { at: { domain: name }, body: draft }),
    /** Counts from the next question on. */
    publish: (name: string, draft: DomainDraft, note?: string) =>
      json('POST /v1/domains/:domain', {
        at: { domain: name },
        body: { ...draft, ...(note !== undefined && { note }) },
      }),
  };
}
