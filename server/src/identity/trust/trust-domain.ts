import type { TrustDomain as DomainTold } from '@ambit/protocol/wire';

/** As it is kept: the bundle as it came, a JWK set. What is in it, and how it goes with it, is read. */
export type TrustDomain = Omit<
  DomainTold,
  'refreshHintSeconds' | 'jwtKeys' | 'authorities' | 'fetchedAt' | 'nextAt' | 'trouble'
> & {
  readonly bundle: string;
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
