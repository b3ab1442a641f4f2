import type { AgentId, TenantId } from '@ambit/protocol';
import { type Ground, Refusal, span } from '../foundation/index.ts';
import { type Alive, requireAlive } from './alive.ts';
import { type Issuer, planeAudience, taskAudience } from './issuer.ts';
import { tokenClaim, type VerifiedToken } from './token.ts';
import { verifyToken } from './verify-token.ts';

/** Who asks: an enforcement point about any token of its tenant, an agent about its own. */
export type Asking = { readonly tenant: TenantId; readonly agent: AgentId | null };

/**
 * RFC 7662: what a token says and may do, if it stands now. Everything else, a foreign one or a forged one, is
 * `{ active: false }` and nothing more (§2.2).
 */
export function introspectToken(ground: Ground, issuer: Issuer, asking: Asking, text: string): Promise<object> {
  return span('tokens/introspect', async () => {
    try {
      const token = verifyAnywhere(issuer, text, ground.clock());
      if (token.tenant !== asking.tenant) return inactive;
      if (asking.agent !== null && asking.agent !== token.agent) return inactive;
      return described(issuer, token, await requireAlive(ground, token.tenant, token.id));
    } catch (error) {
      if (error instanceof Refusal) return inactive;
      throw error;
    }
  });
}

const inactive = { active: false };

/** A token for either of the two audiences. */
export function verifyAnywhere(issuer: Issuer, text: string, now: number): VerifiedToken {
  const rules = { keys: issuer.keys(), issuer: issuer.url, now };
  try {
    return verifyToken(text, { ...rules, audience: taskAudience(issuer) });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'token.wrong_audience') throw error;
    return verifyToken(text, { ...rules, audience: planeAudience(issuer) });
  }
}

function described(issuer: Issuer, token: VerifiedToken, { chain }: Alive): object {
  return {
    active: true,
    token_type: 'DPoP',
    [tokenClaim.issuer]: issuer.url,
    [tokenClaim.subject]: token.requester ?? token.agent,
    [tokenClaim.audience]: token.audience,
    [tokenClaim.clientId]: token.agent,
    [tokenClaim.issuedAt]: token.issuedAt / 1000,
    [tokenClaim.expires]: token.expiresAt / 1000,
    [tokenClaim.tokenId]: token.id,
    [tokenClaim.tenant]: token.tenant,
    [tokenClaim.actor]: token.actor,
    [tokenClaim.confirmation]: { [tokenClaim.thumbprint]: token.jkt },
    ...(token.mission === null ? {} : { [tokenClaim.mission]: token.mission, [tokenClaim.run]: token.run }),
    ...(chain === null ? {} : { [tokenClaim.authorizationDetails]: chain[0].authority }),
  };
}
