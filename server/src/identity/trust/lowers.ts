import type { Ground, Lowering, PersonCaller } from '../../foundation/index.ts';
import type { NewTokenIssuer } from './set-token-issuer.ts';
import { readOwnBundle } from './set-trust-domain.ts';
import { findTokenIssuerByName, findTrustDomain } from './store.ts';

// Other keys in the place of those that vouch for agents open each of these agents. Of a name that nobody had, no agent hangs yet.

type Source = { readonly bundle?: string; readonly url?: string; readonly singleUse?: boolean };

export async function lowersByBundle(
  ground: Ground,
  { tenant }: PersonCaller,
  name: string,
  { bundle, url, singleUse }: Source,
): Promise<Lowering | null> {
  const known = await findTrustDomain(ground, tenant, name);
  if (known === undefined) return null;
  const keysOf = (text: string) => readOwnBundle(text, name).thumbprints.toSorted();
  const before = { url: known.url, keys: keysOf(known.bundle), singleUse: known.singleUse ?? false };
  const after = {
    url: url ?? null,
    keys: bundle === undefined ? null : keysOf(bundle),
    singleUse: singleUse ?? before.singleUse,
  };
  const says = `Whoever holds other keys than before, or a token that was used, could act as every agent that ${name} names.`;
  return { says, changes: { trustDomain: name, before, after } };
}

export async function lowersByIssuer(
  ground: Ground,
  { tenant }: PersonCaller,
  { issuer, jwksUrl, lifeSecondsMax, singleUse }: NewTokenIssuer,
): Promise<Lowering | null> {
  const known = await findTokenIssuerByName(ground, tenant, issuer);
  if (known === undefined) return null;
  const before = {
    jwksUrl: known.jwksUrl,
    lifeSecondsMax: known.lifeSecondsMax,
    singleUse: known.singleUse ?? false,
  };
  const after = { jwksUrl, lifeSecondsMax, singleUse: singleUse ?? before.singleUse };
  const says = `Whoever holds other keys than before, or a token that is older or was used, could act as every agent of a rule on ${issuer}.`;
  return { says, changes: { issuer, before, after } };
}
