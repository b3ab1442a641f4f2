import { hash } from 'node:crypto';
import type { EntryId, TenantId } from '@ambit/protocol';
import { type Ground, type PersonCaller, type Refusal, refuse, span } from '../../foundation/index.ts';
import { record } from '../record.ts';
import { type Bundle, BundleFault, bundleBytesMax, readBundle } from './bundle.ts';
import { isTrustDomain } from './spiffe-id.ts';
import {
  addTrustDomain,
  addTrustFetch,
  changeTrustDomain,
  changeTrustFetch,
  dropTrustFetch,
  findTrustDomain,
  findTrustFetch,
  listTrustDomains,
  trustDomainsMax,
} from './store.ts';
import type { FetchText, TrustDomain } from './trust-domain.ts';

/** Where the bundle of a trust domain is from: its own text, or an https address that is asked again and again. */
export type BundleSource = { readonly bundle: string } | { readonly url: string };

/**
 * Makes the word of a trust domain count in the tenant, or gives one that does another bundle or another address.
 * Whoever decides what it signs with decides who its workloads are: administrators only.
 */
export function setTrustDomain(
  ground: Ground,
  by: PersonCaller,
  fetchText: FetchText,
  {
    name,
    source,
    singleUse,
  }: {
    readonly name: string;
    readonly source: BundleSource;
    /** As before, unless said; not at first. */
    readonly singleUse?: boolean | undefined;
  },
): Promise<{ domain: TrustDomain; entry: EntryId }> {
  return span('identity/set-trust-domain', async () => {
    if (!isTrustDomain(name)) throw refused(name, 'a trust domain is small letters, digits, dots and dashes');
    const [url, text] =
      'url' in source ? [source.url, await fetchBundle(fetchText, by.tenant, source.url)] : [null, source.bundle];
    const bundle = readOwnBundle(text, name);
    const known = await findTrustDomain(ground, by.tenant, name);
    await requireNotMixed(ground, by.tenant, bundle, known === undefined);
    const now = ground.clock();
    const domain: TrustDomain = {
      name,
      url,
      bundle: text,
      digest: hash('sha256', text, 'base64url'),
      sequence: bundle.sequence,
      singleUse: singleUse ?? known?.singleUse ?? false,
      setBy: by.person,
      setAt: now,
      changedAt: now,
    };
    const fetched = await findTrustFetch(ground, by.tenant, name);
    const next = { name, fetchedAt: now, nextAt: now + refreshMs(bundle), trouble: '' };
    const entry = await record(ground, by, {
      kind: 'identity.trust-domain-set',
      keys: [trustDomainResource(name)],
      changes: [
        known === undefined ? addTrustDomain(domain) : changeTrustDomain(known, domain),
        ...(url === null ? [dropTrustFetch(name)] : [fetched ? changeTrustFetch(fetched, next) : addTrustFetch(next)]),
      ],
      detail: {
        name,
        url,
        digest: domain.digest,
        sequence: domain.sequence,
        singleUse: domain.singleUse,
        keys: bundle.thumbprints,
      },
    });
    return { domain, entry };
  });
}

export const trustDomainResource = (name: string): string => `ambit:trust-domain/${name}`;

/** SPIFFE Federation §5.1 only over https; what is private or this plane itself is refused where it is fetched. */
export async function fetchBundle(fetchText: FetchText, tenant: TenantId, url: string): Promise<string> {
  if (!url.startsWith('https://')) throw refused(url, 'a bundle is fetched over https only (profile https_web)');
  return (await fetchText(url, { tenant, bytesMax: bundleBytesMax })).text;
}

export function readOwnBundle(text: string, name: string): Bundle {
  try {
    return readBundle(text, name);
  } catch (error) {
    if (error instanceof BundleFault) throw refused(name, error.message);
    throw error;
  }
}

/** INVARIANT (trust domains never mix): no key is of two trust domains, so no authority could answer for both. */
export async function requireNotMixed(ground: Ground, tenant: TenantId, bundle: Bundle, isNew: boolean): Promise<void> {
  const all = await listTrustDomains(ground, tenant);
  if (isNew && all.length >= trustDomainsMax) {
    throw refuse(
      'state.changed',
      'too many trust domains',
      `Remove one first: a tenant has at most ${trustDomainsMax}.`,
    );
  }
  const other = all.find(
    (one) =>
      one.name !== bundle.trustDomain &&
      readOwnBundle(one.bundle, one.name).thumbprints.some((key) => bundle.thumbprints.includes(key)),
  );
  if (other === undefined) return;
  throw refused(bundle.trustDomain, `it answers for another trust domain: a key of it is one of ${other.name}`);
}

export const refused = (what: string, because: string): Refusal =>
  refuse(
    'trust_bundle.refused',
    `${what}: ${because}`,
    `The bundle of ${what.slice(0, 300)} was not taken: ${because}.`,
  );

const hintMs = { unless: 300_000, min: 30_000, max: 3_600_000 };

/** Trust Domain and Bundle §4.1.2: as often as the bundle itself says, within reason. */
export const refreshMs = ({ refreshHintSeconds: hint }: Bundle): number =>
  hint === null ? hintMs.unless : Math.min(hintMs.max, Math.max(hintMs.min, hint * 1000));
