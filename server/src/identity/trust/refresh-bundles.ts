import { hash } from 'node:crypto';
import type { TenantId } from '@ambit/protocol';
import {
  asRefusal,
  type Change,
  type EntryDraft,
  entry,
  type Ground,
  planeItself,
  span,
} from '../../foundation/index.ts';
import {
  fetchBundle,
  readOwnBundle,
  refreshMs,
  refused,
  requireNotMixed,
  trustDomainResource,
} from './set-trust-domain.ts';
import { changeTrustDomain, changeTrustFetch, findTrustDomain, listTrustFetches } from './store.ts';
import type { FetchText, TrustDomain, TrustFetch } from './trust-domain.ts';

const againMs = 30_000;

/**
 * Asks the addresses of bundles again, each when its time has come. A bundle that cannot be taken changes nothing: the
 * last good one goes on to count until it is too old (`trustedBundle`). Returns once all have answered.
 */
export function refreshBundles(ground: Ground, tenant: TenantId, fetchText: FetchText): Promise<void> {
  return span('identity/refresh-bundles', async () => {
    const now = ground.clock();
    const due = (await listTrustFetches(ground, tenant)).filter(({ nextAt }) => nextAt <= now);
    await Promise.all(due.map((one) => refresh(ground, tenant, fetchText, one)));
  });
}

async function refresh(ground: Ground, tenant: TenantId, fetchText: FetchText, fetched: TrustFetch): Promise<void> {
  const claimed = { ...fetched, nextAt: ground.clock() + againMs };
  if (!(await isCommitted(ground, tenant, [changeTrustFetch(fetched, { nextAt: claimed.nextAt })], []))) return;
  const domain = await findTrustDomain(ground, tenant, fetched.name);
  if (domain?.url == null) return;
  try {
    const text = await fetchBundle(fetchText, tenant, domain.url);
    await take(ground, tenant, { domain, text, claimed });
  } catch (error) {
    const trouble = asRefusal(error).because.slice(0, 1000);
    await isCommitted(ground, tenant, [changeTrustFetch(claimed, { trouble })], troubleTold(ground, fetched, trouble));
  }
}

async function take(
  ground: Ground,
  tenant: TenantId,
  { domain, text, claimed }: { readonly domain: TrustDomain; readonly text: string; readonly claimed: TrustFetch },
): Promise<void> {
  const bundle = readOwnBundle(text, domain.name);
  const digest = hash('sha256', text, 'base64url');
  const now = ground.clock();
  const done = changeTrustFetch(claimed, { fetchedAt: now, nextAt: now + refreshMs(bundle), trouble: '' });
  if (digest === domain.digest) {
    await isCommitted(ground, tenant, [done], []);
    return;
  }
  // §4.1.1: it never goes back. One that does is an old bundle, with keys that were taken out of it since.
  if (domain.sequence !== null && (bundle.sequence ?? -1) < domain.sequence) {
    throw refused(domain.name, `its spiffe_sequence went back from ${domain.sequence} to ${bundle.sequence ?? 'none'}`);
  }
  await requireNotMixed(ground, tenant, bundle, false);
  const change = changeTrustDomain(domain, { bundle: text, digest, sequence: bundle.sequence, changedAt: now });
  const told = entry({
    id: ground.newId('entry'),
    kind: 'identity.trust-bundle-changed',
    who: planeItself,
    keys: [trustDomainResource(domain.name)],
    detail: { name: domain.name, digest, before: domain.digest, sequence: bundle.sequence, keys: bundle.thumbprints },
  });
  await isCommitted(ground, tenant, [change, done], [told]);
}

// Told once when it begins, not with every try.
const troubleTold = (ground: Ground, { name, trouble: before }: TrustFetch, trouble: string): readonly EntryDraft[] =>
  before === trouble
    ? []
    : [
        entry({
          id: ground.newId('entry'),
          kind: 'identity.trust-bundle-refused',
          who: planeItself,
          keys: [trustDomainResource(name)],
          detail: { name, because: trouble },
        }),
      ];

/** Whether it was still as read; where another node or a person was faster, theirs counts. */
async function isCommitted(
  ground: Ground,
  tenant: TenantId,
  changes: readonly Change[],
  entries: readonly EntryDraft[],
): Promise<boolean> {
  try {
    await ground.database.commit({ tenant, changes, entries });
    return true;
  } catch (error) {
    if (asRefusal(error).code !== 'state.changed') throw error;
    return false;
  }
}
