import { claim } from '@ambit/protocol';
import { signJws } from './jws.ts';
import type { SigningKey } from './key.ts';

export type Asserting = {
  /** Who says so of themselves: an agent or a person. */
  readonly subject: string;
  /** The issuer’s identifier, as one string. */
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly lifeSeconds: number;
  /** What alone it may be used with. */
  readonly confirmation: Confirmation;
};

/** RFC 7800 §3.1: the thumbprint of a proof key (RFC 9449 §6.1), or of a certificate (RFC 8705 §3.1). */
export type Confirmation = { readonly jkt: string } | { readonly 'x5t#S256': string };

/** A JWT by which somebody says who they are (RFC 7523 §3), of use only together with one proof key or certificate. */
export function signAssertion(
  key: SigningKey,
  { subject, audience, now, lifeSeconds, confirmation }: Asserting,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return signJws(
    key,
    { typ: 'JWT', kid: key.thumbprint },
    {
      [claim.issuer]: subject,
      [claim.subject]: subject,
      [claim.audience]: audience,
      [claim.issuedAt]: issuedAt,
      [claim.expires]: issuedAt + lifeSeconds,
      [claim.tokenId]: crypto.randomUUID(),
      [claim.confirmation]: confirmation,
    },
  );
}
