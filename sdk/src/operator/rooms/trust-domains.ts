import type { TrustDomain } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

export type TrustDomains = ReturnType<typeof trustDomainsRoom>;

export function trustDomainsRoom({ json }: Ask) {
  return {
    /** For administrators: its bundle, or the https address that it is fetched from. */
    set: (
      name: string,
      source: ({ readonly bundle: string } | { readonly url: string }) & { readonly singleUse?: boolean },
    ) => json<TrustDomain>('PUT', at('/v1/trust-domains/', name), source),
    list: async () => (await json<{ trustDomains: readonly TrustDomain[] }>('GET', '/v1/trust-domains')).trustDomains,
    show: (name: string) => json<TrustDomain & { readonly bundle: string }>('GET', at('/v1/trust-domains/', name)),
    /** For administrators: revokes the names of agents that it gave, too. */
    remove: (name: string) =>
      json<{ readonly name: string; readonly revoked: number }>('DELETE', at('/v1/trust-domains/', name)),
  };
}
