import type { PersonId } from '@ambit/protocol';

/**
 * A SPIFFE trust domain whose word on its workloads counts in a tenant, and what it signs with. INVARIANT (a domain that
 * answers for another): its bundle is asked about names of this domain only, and no other bundle about these.
 */
export type TrustDomain = {
  readonly name: string;
  /** Where its bundle is fetched again and again (SPIFFE Federation §5.2.1, `https_web`); null for one from a file. */
  readonly url: string | null;
  /** The bundle as it came: a JWK set. */
  readonly bundle: string;
  /** SHA-256 of that, base64url. */
  readonly digest: string;
  /** `spiffe_sequence`: never less than before. Null where the bundle does not count. */
  readonly sequence: number | null;
  /** Whether each of its JWT-SVIDs counts once, from the same key too. Null in rows of releases that did not ask. */
  readonly singleUse: boolean | null;
  readonly setBy: PersonId;
  readonly setAt: number;
  /** When the bundle was last another one; epoch milliseconds. */
  readonly changedAt: number;
};

/** How it goes with fetching a bundle. Nothing is allowed by it, but without it nothing is. */
export type TrustFetch = {
  readonly name: string;
  /** When its address last answered with a bundle that could be taken; epoch milliseconds. */
  readonly fetchedAt: number;
  /** When it is to be asked again. Whoever moves it asks. */
  readonly nextAt: number;
  /** Why the last try failed; empty where it did not. */
  readonly trouble: string;
};

/** A small text from an address that people named: no redirects, no private addresses, at most so many bytes. */
export type FetchText = (
  url: string,
  options: { readonly tenant: string; readonly bytesMax: number },
) => Promise<{ readonly text: string }>;
