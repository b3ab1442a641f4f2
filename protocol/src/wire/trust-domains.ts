import type { PersonId } from '../ids.ts';

/**
 * A SPIFFE trust domain whose word on its workloads counts in the tenant. INVARIANT (a domain that answers for another): its
 * bundle is asked about names of this domain only, and no other bundle about these.
 */
export type TrustDomain = {
  readonly name: string;
  /** Where its bundle is fetched again and again (SPIFFE Federation §5.2.1, `https_web`); null for one that was given as a text. */
  readonly url: string | null;
  /** SHA-256 of its bundle, base64url. */
  readonly digest: string;
  /** `spiffe_sequence`: never less than before. Null where the bundle does not count. */
  readonly sequence: number | null;
  /** Whether each of its JWT-SVIDs counts once, from the same key too; null where nobody was asked yet. */
  readonly singleUse: boolean | null;
  readonly refreshHintSeconds: number | null;
  readonly setBy: PersonId;
  /** Epoch milliseconds, as all times. */
  readonly setAt: number;
  /** When the bundle was last another one. */
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
