import type { Ask } from '../request.ts';

export type TrustDomains = ReturnType<typeof trustDomainsRoom>;

export function trustDomainsRoom({ json }: Ask) {
  return {
    /** For administrators: its bundle, or the https address that it is fetched from. */
    set: (
      name: string,
      source: ({ readonly bundle: string } | { readonly url: string }) & { readonly singleUse?: boolean },
    ) => json('PUT /v1/trust-domains/:name', { at: { name }, body: source }),
    list: async () => (await json('GET /v1/trust-domains')).trustDomains,
    show: (name: string) => json('GET /v1/trust-domains/:name', { at: { name } }),
    /** For administrators: revokes the names of agents that it gave, too. */
    remove: (name: string) => json('DELETE /v1/trust-domains/:name', { at: { name } }),
  };
}
