import type { AgentId } from '@ambit/protocol';
import { type Change, type Ground, type PersonCaller, refuse } from '../../foundation/index.ts';
import type { AgentIdentity } from '../agent-identity.ts';
import { requireAgent } from '../move-agent.ts';
import { changeAgent, keysEnrolledBy, listIdentitiesBy, revokeAgentIdentityRow, revokeAgentKeyRow } from '../store.ts';

const namesMax = 500;

/** What ends every name that one authority gives to agents, and the keys that came by one: what was obtained by one is decided anew. */
export type RevokedNames = {
  readonly identities: readonly AgentIdentity[];
  readonly agents: readonly AgentId[];
  readonly changes: readonly Change[];
};

export async function revokeNames(
  ground: Ground,
  { tenant }: PersonCaller,
  by: Pick<AgentIdentity, 'method' | 'issuer'>,
): Promise<RevokedNames> {
  const identities = await listIdentitiesBy(ground, tenant, by, namesMax + 1);
  if (identities.length > namesMax) {
    const says = `Revoke names of it first: it gives more than ${namesMax}, which is more than one change can end.`;
    throw refuse('state.changed', `${by.issuer} gives more than ${namesMax} names`, says);
  }
  const ids = [...new Set(identities.map(({ agent }) => agent))];
  const agents = await Promise.all(ids.map((id) => requireAgent(ground, tenant, id)));
  const keys = await Promise.all(identities.map((one) => keysEnrolledBy(ground, tenant, one)));
  const now = ground.clock();
  return {
    identities,
    agents: ids,
    changes: [
      ...identities.map((one) => revokeAgentIdentityRow(one, now)),
      ...agents.map((agent) => changeAgent(agent, {})),
      ...keys.flat().map(revokeAgentKeyRow),
    ],
  };
}
