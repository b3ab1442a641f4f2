import type { TenantId } from '@ambit/protocol';
import type { Config } from './config.ts';
import { type Clock, fetchThrough, type Outbound, type Tls } from './foundation/index.ts';
import {
  type ClientMethod,
  createCodePace,
  createIssuerKeys,
  createProviderClients,
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
import type { sealedWith } from './sealed-with.ts';

/** What people's sign-ins through providers stand on. */
export function openSignIn(seal: ReturnType<typeof sealedWith>, outbound: Outbound, clock: Clock) {
  const fetchFor = (tenant: TenantId, provider: string) =>
    fetchThrough(outbound, { tenant, credential: provider }, providerAnswerBytesMax);
  return { seal, clients: createProviderClients(seal, fetchFor, clock), pace: createCodePace(clock) };
}

const providerAnswerBytesMax = 1_048_576;

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
