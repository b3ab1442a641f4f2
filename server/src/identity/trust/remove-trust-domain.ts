import type { EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { agentResource, record } from '../record.ts';
import { revokeNames } from './revoke-names.ts';
import { trustDomainResource } from './set-trust-domain.ts';
import { spiffeMethod } from './spiffe-names.ts';
import { dropSpiffeName, dropTrustDomain, dropTrustFetch, findTrustDomain } from './store.ts';

/** Ends the word of a trust domain, and with it every name of an agent that it gave. */
export function removeTrustDomain(
  ground: Ground,
  by: PersonCaller,
  name: string,
): Promise<{ revoked: number; entry: EntryId }> {
  return span('identity/remove-trust-domain', async () => {
    const domain = await findTrustDomain(ground, by.tenant, name);
    if (domain === undefined) throw refuse('thing.not_found', `no trust domain ${name}`);
    const { identities, agents, changes } = await revokeNames(ground, by, { method: spiffeMethod, issuer: name });
    const entry = await record(ground, by, {
      kind: 'identity.trust-domain-removed',
      keys: [trustDomainResource(name), ...agents.map(agentResource)],
      changes: [
        dropTrustDomain(domain),
        dropTrustFetch(name),
        ...changes,
        ...identities.map(({ subject }) => dropSpiffeName(subject, by.tenant)),
      ],
      detail: {
        name,
        digest: domain.digest,
        revoked: identities.map(({ id, agent, subject }) => ({ id, agent, subject })),
      },
    });
    return { revoked: identities.length, entry };
  });
}
