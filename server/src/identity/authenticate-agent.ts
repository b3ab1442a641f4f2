import { type Ground, span } from '../foundation/index.ts';
import type { ClientCredentials } from './clients/client-method.ts';
import { type ProvedAgent, type ProvingGround, proveAgent } from './prove-agent.ts';

const authenticated: unique symbol = Symbol('authenticated agent');

/** Evidence that an agent proved itself just now. Only `authenticateAgent` makes one. */
export type AuthenticatedAgent = Omit<ProvedAgent, 'spend'> & { readonly [authenticated]: true };

/** Its proof is checked, then spent durably, then believed: for whoever has no unit of its own to spend it in. */
export function authenticateAgent(
  ground: Ground,
  issuer: ProvingGround,
  credentials: ClientCredentials,
): Promise<AuthenticatedAgent> {
  return span('identity/authenticate-agent', async (): Promise<AuthenticatedAgent> => {
    const { spend, ...proved } = await proveAgent(ground, issuer, credentials);
    if (spend.length > 0) await ground.database.commit({ tenant: proved.tenant, changes: spend, entries: [] });
    return { [authenticated]: true, ...proved };
  });
}
