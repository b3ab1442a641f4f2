import type { TenantId } from '@ambit/protocol';
import { type Ground, refuse } from '../../foundation/index.ts';
import type { Bundle } from './bundle.ts';
import { readOwnBundle } from './set-trust-domain.ts';
import { findTrustDomain, findTrustFetch } from './store.ts';
import type { TrustDomain } from './trust-domain.ts';

export type BundleRules = {
  /** How long the last good bundle of an address counts while that does not answer with another, in milliseconds. */
  readonly keptMsMax: number;
};

// A row is one frozen object until it changes, and so is what was read of it.
const opened = new WeakMap<TrustDomain, Bundle>();

/** What a trust domain signs with now, as far as this tenant knows. Undefined for one that nobody named. */
export async function trustedBundle(
  ground: Ground,
  tenant: TenantId,
  name: string,
  { keptMsMax }: BundleRules,
): Promise<Bundle | undefined> {
  const domain = await findTrustDomain(ground, tenant, name);
  if (domain === undefined) return undefined;
  if (domain.url !== null) {
    const fetched = await findTrustFetch(ground, tenant, name);
    const age = fetched === undefined ? Number.POSITIVE_INFINITY : ground.clock() - fetched.fetchedAt;
    if (age > keptMsMax) {
      const says = `The bundle of ${name} is too old to count: its address has not answered with a good one since. Tell an administrator.`;
      throw refuse('svid.untrusted', `the bundle of ${name} is ${age} ms old: ${fetched?.trouble}`, says);
    }
  }
  const known = opened.get(domain);
  if (known !== undefined) return known;
  const bundle = readOwnBundle(domain.bundle, name);
  opened.set(domain, bundle);
  return bundle;
}
