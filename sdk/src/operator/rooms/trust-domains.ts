import type { PersonId } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

/** A SPIFFE trust domain whose word on its workloads counts in the tenant. */
export type TrustDomain = {
  readonly name: string;
  /** Where its bundle is fetched again and again; null for one that was given as a text. */
  readonly url: string | null;
  /** SHA-256 of its bundle, base64url. */
  readonly digest: string;
  readonly sequence: number | null;
  /** Whether each of its JWT-SVIDs counts once, from the same key too; null where nobody was asked yet. */
  readonly singleUse: boolean | null;
  readonly refreshHintSeconds: number | null;
  readonly setBy: PersonId;
  /** Epoch milliseconds, as all times. */
  readonly setAt: number;
  readonly changedAt: number;
  readonly jwtKeys: readonly { readonly kid: string; readonly thumbprint: string }[];
  readonly authorities: readonly {
    readonly subject: string;
    readonly validTo: string;
    readonly fingerprint256: string;
  }[];
  /** When its address last answered with a good bundle; null for one that was given as a text. */
  readonly fetchedAt: number | null;
  readonly nextAt: number | null;
  /** Why the last try failed; empty where it did not. */
  readonly trouble: string;
};

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
