import { type AgentId, type Authority, entityProfile, type TenantId } from '@ambit/protocol';
import { type Ground, Refusal, span } from '../foundation/index.ts';
import { isStanding, standingElevations } from '../tasks/index.ts';
import { type Alive, requireAlive } from './alive.ts';
import { authenticationOf, mayActOf } from './issue.ts';
import { type Issuer, taskAudience } from './issuer.ts';
import { resourceFor } from './resource.ts';
import { confirmationOf, tokenClaim, tokenTypeOf, type VerifiedToken } from './token.ts';
import { verifyToken } from './verify-token.ts';

/**
 * Who asks: an enforcement point about any token of its tenant, an agent about its own; about one that is bound to a
 * certificate, over a connection with that certificate.
 */
export type Asking = { readonly tenant: TenantId; readonly agent: AgentId | null; readonly x5t: string | null };

/**
 * RFC 7662: what a token says and may do, if it stands now. Everything else, a foreign one or a forged one, is
 * `{ active: false }` and nothing more (§2.2).
 */
export function introspectToken(ground: Ground, issuer: Issuer, asking: Asking, text: string): Promise<object> {
  return span('tokens/introspect', async () => {
    try {
      const token = verifyAnywhere(issuer, text, ground.clock());
      if (token.tenant !== asking.tenant) return inactive;
      if (asking.agent !== null && !isItsOwn(asking, token)) return inactive;
      const alive = await requireAlive(ground, token.tenant, token.id);
      const authority = await authorityOf(ground, issuer, token, alive);
      const { chain } = alive;
      const ofTask = { ...mayActOf(issuer, chain?.[0].delegates ?? null), ...authenticationOf(chain) };
      return { ...described(issuer, token, authority), ...ofTask };
    } catch (error) {
      if (error instanceof Refusal) return inactive;
      throw error;
    }
  });
}

const inactive = { active: false };

const isItsOwn = (asking: Asking, { agent, x5t }: VerifiedToken): boolean =>
  asking.agent === agent && (x5t === null || x5t === asking.x5t);

/** A token of ours, whatever it is for. */
export const verifyAnywhere = (issuer: Issuer, text: string, now: number): VerifiedToken =>
  verifyToken(text, { keys: issuer.keys(), issuer: issuer.url, audience: null, now });

/** What it may do there: all that its task may, or at an API that verifies tokens itself what such a token would say now. */
async function authorityOf(ground: Ground, issuer: Issuer, token: VerifiedToken, { chain }: Alive) {
  if (chain === null) return undefined;
  if (token.audience === taskAudience(issuer)) {
    const standing = await standingElevations(ground, token.tenant, [chain[0].id]);
    const elevated = standing.filter((one) => isStanding(one, ground.clock()));
    return [...chain[0].authority, ...elevated.flatMap((one) => one.authority)];
  }
  return (await resourceFor(ground, token.tenant, token.audience, chain)).authority;
}

function described(issuer: Issuer, token: VerifiedToken, authority: Authority | undefined): object {
  return {
    active: true,
    token_type: tokenTypeOf(token),
    [tokenClaim.issuer]: issuer.url,
    [tokenClaim.subject]: token.requester ?? token.agent,
    [tokenClaim.audience]: token.audience,
    [tokenClaim.clientId]: token.agent,
    [tokenClaim.clientProfile]: entityProfile[token.kind],
    [tokenClaim.issuedAt]: token.issuedAt / 1000,
    [tokenClaim.expires]: token.expiresAt / 1000,
    [tokenClaim.tokenId]: token.id,
    [tokenClaim.tenant]: token.tenant,
    [tokenClaim.actor]: token.actor,
    [tokenClaim.confirmation]: confirmationOf(token),
    ...(token.mission === null ? {} : { [tokenClaim.mission]: token.mission, [tokenClaim.run]: token.run }),
    ...(authority === undefined ? {} : { [tokenClaim.authorizationDetails]: authority }),
  };
}
