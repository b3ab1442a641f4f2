import { assertionType, claim, type JsonObject } from '@ambit/protocol';
import { refuse } from '../../foundation/index.ts';
import { type Jws, readJws, textClaim, timeClaim } from '../jws.ts';
import { skewSecondsMax } from '../proof.ts';
import { spendOutsideToken } from '../spend-proof.ts';
import type { Bundle } from '../trust/bundle.ts';
import { outsideSignatureHolds } from '../trust/outside-key.ts';
import { parseWorkloadId, type SpiffeId } from '../trust/spiffe-id.ts';
import { findTrustDomain } from '../trust/store.ts';
import type { BundleRules } from '../trust/trusted-bundle.ts';
import type { ClientCredentials, ClientMethod, ClientRules } from './client-method.ts';
import { spiffeAgent } from './spiffe-agent.ts';

const lifeSecondsMax = 3600;
// JWT-SVID §2.3: JWT or JOSE, where it says anything.
const types = [undefined, 'JWT', 'JOSE'];

/** draft-ietf-oauth-spiffe-client-auth §3.1: a JWT-SVID, signed by the trust domain that its subject names. */
export const jwtSpiffe = (bundles: BundleRules): ClientMethod => ({
  name: 'spiffe_jwt',
  assertionType: assertionType.jwtSpiffe,
  isMeant: ({ parameters }) => parameters.client_assertion_type === assertionType.jwtSpiffe,
  async prove(ground, { parameters, holder }, rules) {
    const text = parameters.client_assertion;
    if (text === undefined) throw refuse('client.unauthenticated', 'no client_assertion came');
    const { id, jws } = readSvid(text);
    const expiresAt = checkClaims(jws.claims, rules);
    const asked = { id, clientId: parameters.client_id, bundles, otherwise: 'client.unauthenticated' } as const;
    const { tenant, facts, identity } = await spiffeAgent(ground, asked, (bundle) => requireSigned(bundle, jws));
    const comesAgain = (await findTrustDomain(ground, tenant, id.trustDomain))?.singleUse !== true;
    const spend = await spendOutsideToken(ground, tenant, {
      jws,
      expiresAt,
      holder: comesAgain ? keyOf(holder) : null,
    });
    return { tenant, facts, agentKey: identity.id, spend };
  },
});

/** What a token from outside counts with, once it came: the key, or the very certificate. */
export const keyOf = (holder: ClientCredentials['holder']): string | null =>
  holder === null ? null : `${holder.jkt} ${holder.x5t ?? ''}`;

type Svid = { readonly id: SpiffeId; readonly jws: Jws };

function readSvid(text: string): Svid {
  const jws = readJws(text, 'svid.invalid');
  if (!types.some((type) => type === jws.header.typ)) throw refuse('svid.invalid', 'typ is not that of a JWT-SVID');
  const id = parseWorkloadId(textOf(jws.claims));
  if (id === undefined) throw refuse('svid.invalid', 'sub is not the SPIFFE ID of a workload');
  return { id, jws };
}

// A SPIFFE ID may be longer than other claims.
function textOf({ sub }: JsonObject): string {
  if (typeof sub === 'string') return sub;
  throw refuse('svid.invalid', 'the claim sub is missing, or not one text');
}

function checkClaims(claims: JsonObject, { issuer, now }: ClientRules): number {
  if (!isFor(claims.aud, issuer)) throw refuse('svid.invalid', `aud is not exactly ${issuer}`);
  const exp = timeClaim(claims, claim.expires, 'svid.invalid');
  const begins = [claim.issuedAt, claim.notBefore].map((name) =>
    claims[name] === undefined ? now : timeClaim(claims, name, 'svid.invalid'),
  );
  const skew = skewSecondsMax * 1000;
  if (now >= exp) throw refuse('svid.stale', `exp is ${exp}, the time is ${now}`);
  if (begins.some((at) => at > now + skew)) throw refuse('svid.stale', 'iat or nbf lies in the future');
  if (exp - now > lifeSecondsMax * 1000 + skew) {
    const says = `Let JWT-SVIDs live at most ${lifeSecondsMax} seconds (default_jwt_svid_ttl of SPIRE).`;
    throw refuse('svid.stale', 'it lives too long', says);
  }
  return exp;
}

/** The issuer as its sole value: what several servers accept, one of them could replay to another. */
export const isFor = (aud: unknown, audience: string): boolean =>
  aud === audience || (Array.isArray(aud) && aud.length === 1 && aud[0] === audience);

function requireSigned({ jwtKeys, trustDomain }: Bundle, { header, signed, signature }: Jws): void {
  const alg = textClaim(header, 'alg', 'svid.invalid');
  const kid = header.kid === undefined ? undefined : textClaim(header, 'kid', 'svid.invalid');
  // JWT-SVID §2.2: kid is optional. It only ever picks among the keys of this bundle.
  const keys = jwtKeys.filter((key) => kid === undefined || key.kid === kid);
  if (keys.some((key) => outsideSignatureHolds(key, alg, signed, signature))) return;
  throw refuse('svid.invalid', `no key ${kid ?? 'at all'} of ${trustDomain} signed it by ${alg.slice(0, 20)}`);
}
