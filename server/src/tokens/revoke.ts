import type { AgentId, TenantId, TokenId, Who } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, planeItself, Refusal, refuse, span } from '../foundation/index.ts';
import { type AuthenticatedAgent, requireRole } from '../identity/index.ts';
import { findTask } from '../tasks/index.ts';
import { verifyAnywhere } from './introspect.ts';
import type { Issuer } from './issuer.ts';
import { findToken, revokeTokenRow, tokensFrom } from './store.ts';
import type { IssuedToken } from './token.ts';

/**
 * RFC 7009: an agent gives up a token of its own. What is unknown, expired, forged or another's changes nothing and is
 * answered alike (§2.2): nobody learns from the answer which of these it was.
 */
export function revokeOwnToken(
  ground: Ground,
  issuer: Issuer,
  client: AuthenticatedAgent,
  text: string,
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
    await revokeAll(ground, client.tenant, who, token, null);
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

export type Revoked = { readonly tokens: readonly { readonly id: TokenId; readonly agent: AgentId }[] };

/** An administrator ends one token and those that came from it. To end what it is for, end the task. */
export function revokeToken(
  ground: Ground,
  by: PersonCaller,
  { token: id, reason }: { readonly token: TokenId; readonly reason: string },
): Promise<Revoked> {
  return span('tokens/revoke', async () => {
    requireRole(by, 'administrator');
    const token = await findToken(ground, by.tenant, id);
    if (token === undefined) throw refuse('thing.not_found', `no token ${id}`);
    return revokeAll(ground, by.tenant, { ...by.who, agent: token.agent }, token, reason);
  });
}

const revokedAtOnceMax = 10_000;

async function revokeAll(
  ground: Ground,
  tenant: TenantId,
  who: Who,
  token: IssuedToken,
  reason: string | null,
): Promise<Revoked> {
  const found = [token];
  for (const one of found) {
    if (found.length < revokedAtOnceMax) found.push(...(await tokensFrom(ground, tenant, one.id)));
  }
  const dying = found.filter((one) => one.state === 'live');
  const task = token.task === null ? undefined : await findTask(ground, tenant, token.task);
  await ground.database.commit({
    tenant,
    changes: dying.map(revokeTokenRow),
    entries: [
      entry({
        id: ground.newId('entry'),
        kind: 'token.revoked',
        who: { ...who, requester: who.requester ?? task?.requester ?? null },
        task: token.task,
        run: task?.root ?? null,
        detail: { token: token.id, reason, revoked: dying.map(({ id, agent, task: of }) => ({ id, agent, task: of })) },
      }),
    ],
  });
  return { tokens: dying.map(({ id, agent }) => ({ id, agent })) };
}
