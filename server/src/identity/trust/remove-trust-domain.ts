import type { EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { requireAgent } from '../move-agent.ts';
import { agentResource, record } from '../record.ts';
import { changeAgent, listIdentitiesBy, revokeAgentIdentityRow } from '../store.ts';
import { trustDomainResource } from './set-trust-domain.ts';
import { spiffeMethod } from './spiffe-names.ts';
import { dropSpiffeName, dropTrustDomain, dropTrustFetch, findTrustDomain } from './store.ts';

const namesMax = 500;

/** Ends the word of a trust domain, and with it every name of an agent that it gave: what came by one is decided anew. */
export function removeTrustDomain(
  ground: Ground,
  by: PersonCaller,
  name: string,
): Promise<{ revoked: number; entry: EntryId }> {
  return span('identity/remove-trust-domain', async () => {
    const domain = await findTrustDomain(ground, by.tenant, name);
    if (domain === undefined) throw refuse('thing.not_found', `no trust domain ${name}`);
    const identities = await listIdentitiesBy(ground, by.tenant, { method: spiffeMethod, issuer: name }, namesMax + 1);
    if (identities.length > namesMax) {
      const says = `Revoke names of it first: it gives more than ${namesMax}, which is more than one change can end.`;
      throw refuse('state.changed', `${name} gives more than ${namesMax} names`, says);
    }
    const agents = await Promise.all(
      [...new Set(identities.map(({ agent }) => agent))].map((id) => requireAgent(ground, by.tenant, id)),
    );
    const now = ground.clock();
    const entry = await record(ground, by, {
      kind: 'identity.trust-domain-removed',
      keys: [trustDomainResource(name), ...agents.map(({ id }) => agentResource(id))],
      changes: [
        dropTrustDomain(domain),
        dropTrustFetch(name),
        ...identities.flatMap((one) => [revokeAgentIdentityRow(one, now), dropSpiffeName(one.subject, by.tenant)]),
        ...agents.map((agent) => changeAgent(agent, {})),
      ],
      detail: { name, digest: domain.digest, revoked: identities.map(({ id, subject }) => ({ id, subject })) },
    });
    return { revoked: identities.length, entry };
  });
}
