import type { Config } from './config.ts';
import type { Clock, Outbound, Tls } from './foundation/index.ts';
import {
  type ClientMethod,
  createIssuerKeys,
  type IdentityMethods,
  jwtSpiffe,
  privateKeyJwt,
  sanUris,
  selfSignedTlsClientAuth,
  spiffeMethod,
  spiffeNames,
  tlsClientAuth,
  workloadMethod,
  workloadRules,
  workloadToken,
  x509Spiffe,
} from './identity/index.ts';

/** In which ways agents may prove themselves here, and how the names are registered that those go by. */
export type WaysIn = { readonly clients: readonly ClientMethod[]; readonly identities: IdentityMethods };

/** What needs certificates is there where they are asked for. */
export function waysIn(
  config: Pick<Config, 'trustBundleSecondsMax'>,
  tls: Tls | null,
  { fetchText, clock }: { readonly fetchText: Outbound['fetchText']; readonly clock: Clock },
): WaysIn {
  const bundles = { keptMsMax: config.trustBundleSecondsMax * 1000 };
  const always = [privateKeyJwt, jwtSpiffe(bundles), workloadToken(createIssuerKeys(fetchText, clock))];
  const identities = { [spiffeMethod]: spiffeNames, [workloadMethod]: workloadRules };
  if (tls === null) return { clients: always, identities };
  return {
    clients: [...always, tlsClientAuth, selfSignedTlsClientAuth, x509Spiffe(bundles)],
    identities: { ...identities, [tlsClientAuth.name]: sanUris(tls.authorities) },
  };
}
