import type { Ground, Lowering, PersonCaller } from '../../foundation/index.ts';
import { readOwnBundle } from './set-trust-domain.ts';
import { findTokenIssuerByName, findTrustDomain } from './store.ts';

// Other keys in the place of those that vouch for agents open each of these agents. Of a name that nobody had, no agent hangs yet.

type Source = { readonly bundle?: string; readonly url?: string };

export async function lowersByBundle(
  ground: Ground,
  { tenant }: PersonCaller,
  name: string,
  { bundle, url }: Source,
): Promise<Lowering | null> {
  const known = await findTrustDomain(ground, tenant, name);
  if (known === undefined) return null;
  const keysOf = (text: string) => readOwnBundle(text, name).thumbprints.toSorted();
  const before = { url: known.url, keys: keysOf(known.bundle) };
  const after = { url: url ?? null, keys: bundle === undefined ? null : keysOf(bundle) };
  const says = `Whoever holds other keys than before could act as every agent that ${name} names.`;
  return { says, changes: { trustDomain: name, before, after } };
}

type IssuerSet = {
  readonly issuer: string;
  readonly jwksUrl?: string;
  readonly lifeSecondsMax?: number;
  readonly singleUse?: boolean;
};

export async function lowersByIssuer(
  ground: Ground,
  { tenant }: PersonCaller,
  { issuer, ...after }: IssuerSet,
): Promise<Lowering | null> {
  const known = await findTokenIssuerByName(ground, tenant, issuer);
  if (known === undefined) return null;
  const { jwksUrl, lifeSecondsMax, singleUse } = known;
  const before = { jwksUrl, lifeSecondsMax, singleUse };
  const says = `Whoever holds other keys than before, or an older token, could act as every agent of a rule on ${issuer}.`;
  return { says, changes: { issuer, before, after } };
}
