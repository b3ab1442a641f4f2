import type { IdentityMethod } from '../agent-identity.ts';
import { parseWorkloadId } from './spiffe-id.ts';
import { addSpiffeName, findSpiffeName, listTrustDomains } from './store.ts';

/** Under which SPIFFE IDs are registered, whether they come in a JWT-SVID or in an X.509-SVID. */
export const spiffeMethod = 'spiffe';

/** How SPIFFE IDs are registered: each by the trust domain that it names itself, which the tenant must know. */
export const spiffeNames: IdentityMethod = {
  issuers: async (ground, tenant) => (await listTrustDomains(ground, tenant)).map(({ name }) => name),
  whyNot(subject, issuer) {
    const id = parseWorkloadId(subject);
    if (id === undefined) return 'subject must be the SPIFFE ID of a workload, e.g. spiffe://acme.example/refund-bot.';
    if (id.trustDomain !== issuer) return `issuer must be ${id.trustDomain}, the trust domain that the ID names.`;
    return undefined;
  },
  async index(ground, tenant, subject) {
    return (await findSpiffeName(ground, subject, tenant)) === undefined ? [addSpiffeName(subject, tenant)] : [];
  },
};
