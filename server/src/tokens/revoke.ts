import type { TenantId, TokenId, Who } from '@ambit/protocol';
import { type Ground, type PersonCaller, planeItself, Refusal, refuse, span } from '../foundation/index.ts';
import { type AuthenticatedAgent, requireRole } from '../identity/index.ts';
import { verifyAnywhere } from './introspect.ts';
import type { Issuer } from './issuer.ts';
import { findToken } from './store.ts';
import type { IssuedToken } from './token.ts';

/** What ends, by whom and why; `reason` is null where an agent gives its own token up. */
export type Revoking = { readonly token: IssuedToken; readonly who: Who; readonly reason: string | null };

/**
 * Ends a token, those that came from it and the tasks made with them, in one unit that lists it all. Handed in, since
 * endings lie to the right.
 */
export type EndsToken<T> = (tenant: TenantId, revoking: Revoking) => Promise<T>;

/**
 * RFC 7009: an agent gives up a token of its own. What is unknown, expired, forged or another's changes nothing and is
 * answered alike (§2.2): nobody learns from the answer which of these it was.
 */
export function revokeOwnToken(
  ground: Ground,
  issuer: Issuer,
  client: AuthenticatedAgent,
  text: string,
  ends: EndsToken<unknown>,
): Promise<void> {
  return span('tokens/revoke', async () => {
    const id = ownTokenId(ground, issuer, client, text);
    const token = id && (await findToken(ground, client.tenant, id));
    if (token?.state !== 'live') return;
    const { agent } = client;
    const who: Who = {
      ...planeItself,
      agent: agent.id,
      initiator: agent.id,
      instance: null,
      environment: agent.environment,
      zone: agent.zone,
      channel: 'oauth',
      proof: client.method,
    };
    await ends(client.tenant, { token, who, reason: null });
  });
}

function ownTokenId(ground: Ground, issuer: Issuer, client: AuthenticatedAgent, text: string): TokenId | undefined {
  try {
    const token = verifyAnywhere(issuer, text, ground.clock());
    return token.tenant === client.tenant && token.agent === client.agent.id ? token.id : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** An administrator ends one token and all that was made with it. To end what it is for, end the task. */
export function revokeToken<T>(
  ground: Ground,
  by: PersonCaller,
  { token: id, reason }: { readonly token: TokenId; readonly reason: string },
  ends: EndsToken<T>,
): Promise<T> {
  return span('tokens/revoke', async () => {
    requireRole(by, 'administrator');
    const token = await findToken(ground, by.tenant, id);
    if (token === undefined) throw refuse('thing.not_found', `no token ${id}`);
    return ends(by.tenant, { token, who: { ...by.who, agent: token.agent }, reason });
  });
}
