import { boolean, integer, object, optional, parseId, text } from '@ambit/protocol';
import { type Ground, type Route, refuse, route } from '../../foundation/index.ts';
import { bundleBytesMax } from './bundle.ts';
import { lowersByBundle, lowersByIssuer } from './lowers.ts';
import { removeTrustDomain } from './remove-trust-domain.ts';
import { type NewTokenIssuer, removeTokenIssuer, setTokenIssuer } from './set-token-issuer.ts';
import { type BundleSource, readOwnBundle, setTrustDomain } from './set-trust-domain.ts';
import { findTrustDomain, findTrustFetch, listTokenIssuers, listTrustDomains, listTrustFetches } from './store.ts';
import type { FetchText, TrustDomain, TrustFetch } from './trust-domain.ts';

const sourceBody = object({
  bundle: optional(text({ max: bundleBytesMax })),
  url: optional(text({ max: 2048 })),
  singleUse: optional(boolean()),
});

const issuerBody = object({
  issuer: text({ max: 500 }),
  jwksUrl: optional(text({ max: 2048 })),
  lifeSecondsMax: optional(integer({ min: 60, max: 86_400 })),
  singleUse: optional(boolean()),
});
const lifeSecondsByDefault = 3600;
type IssuerBody = Pick<NewTokenIssuer, 'issuer'> & Partial<NewTokenIssuer>;
const issuerOf = ({ jwksUrl = null, lifeSecondsMax = lifeSecondsByDefault, ...rest }: IssuerBody): NewTokenIssuer => ({
  ...rest,
  jwksUrl,
  lifeSecondsMax,
});

/** What people set about who vouches for agents from outside. */
export const trustRoutes = (ground: Ground, fetchText: FetchText): readonly Route[] => [
  ...trustDomainRoutes(ground, fetchText),
  ...tokenIssuerRoutes(ground),
];

function tokenIssuerRoutes(ground: Ground): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/token-issuers',
      who: 'administrator',
      says: 'Lets rules of agents name an OIDC issuer of workload tokens, or changes what is known of one.',
      body: issuerBody,
      lowers: ({ caller, body }) => lowersByIssuer(ground, caller, issuerOf(body)),
      run: async ({ caller, body }) => {
        const { issuer, entry } = await setTokenIssuer(ground, caller, issuerOf(body));
        return { status: 201, body: issuer, entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/token-issuers',
      who: 'person',
      says: 'The issuers of workload tokens that rules of agents may name.',
      run: async ({ caller }) => ({
        status: 200,
        body: { tokenIssuers: await listTokenIssuers(ground, caller.tenant) },
      }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/token-issuers/:issuer',
      who: 'administrator',
      says: 'Removes an issuer of workload tokens, and revokes the rules of agents that stand on it.',
      run: async ({ caller, params }) => {
        const id = parseId('tokenIssuer', params.issuer);
        if (id === undefined) throw refuse('thing.not_found', `${params.issuer} is no id of a token issuer`);
        const { revoked, entry } = await removeTokenIssuer(ground, caller, id);
        return { status: 200, body: { id, revoked }, entry };
      },
    }),
  ];
}

/** SPIFFE Trust Domain and Bundle, SPIFFE Federation. */
function trustDomainRoutes(ground: Ground, fetchText: FetchText): readonly Route[] {
  return [
    route({
      method: 'PUT',
      path: '/v1/trust-domains/:name',
      who: 'administrator',
      says: 'Sets the bundle of a SPIFFE trust domain, or the https address that it is fetched from again and again.',
      body: sourceBody,
      lowers: ({ caller, params, body }) => lowersByBundle(ground, caller, params.name ?? '', body),
      run: async ({ caller, params, body }) => {
        const wanted = { name: params.name ?? '', source: sourceOf(body), singleUse: body.singleUse };
        const { domain, entry } = await setTrustDomain(ground, caller, fetchText, wanted);
        const fetched = await findTrustFetch(ground, caller.tenant, domain.name);
        return { status: 200, body: shown(domain, fetched), entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/trust-domains',
      who: 'person',
      says: 'The trust domains whose word on workloads counts here, and how it goes with their bundles.',
      run: async ({ caller }) => {
        const domains = await listTrustDomains(ground, caller.tenant);
        const fetches = await listTrustFetches(ground, caller.tenant);
        const found = domains.map((one) =>
          shown(
            one,
            fetches.find(({ name }) => name === one.name),
          ),
        );
        return { status: 200, body: { trustDomains: found } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/trust-domains/:name',
      who: 'person',
      says: 'One trust domain with its bundle.',
      run: async ({ caller, params }) => {
        const domain = await findTrustDomain(ground, caller.tenant, params.name ?? '');
        if (domain === undefined) throw refuse('thing.not_found', `no trust domain ${params.name}`);
        const fetched = await findTrustFetch(ground, caller.tenant, domain.name);
        return { status: 200, body: { ...shown(domain, fetched), bundle: domain.bundle } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/trust-domains/:name',
      who: 'administrator',
      says: 'Removes a trust domain, and revokes the names of agents that it gave.',
      run: async ({ caller, params }) => {
        const { name = '' } = params;
        const { revoked, entry } = await removeTrustDomain(ground, caller, name);
        return { status: 200, body: { name, revoked }, entry };
      },
    }),
  ];
}

function sourceOf({ bundle, url }: { readonly bundle?: string; readonly url?: string }): BundleSource {
  if (bundle !== undefined && url === undefined) return { bundle };
  if (url !== undefined && bundle === undefined) return { url };
  throw refuse('request.malformed', 'not exactly one of bundle and url', 'Send either bundle or url.');
}

function shown(domain: TrustDomain, fetched: TrustFetch | undefined) {
  const { bundle, ...rest } = domain;
  const { jwtKeys, authorities, refreshHintSeconds } = readOwnBundle(bundle, domain.name);
  return {
    ...rest,
    refreshHintSeconds,
    jwtKeys: jwtKeys.map(({ kid, thumbprint }) => ({ kid, thumbprint })),
    authorities: authorities.map(({ subject, validTo, fingerprint256 }) => ({ subject, validTo, fingerprint256 })),
    fetchedAt: fetched?.fetchedAt ?? null,
    nextAt: fetched?.nextAt ?? null,
    trouble: fetched?.trouble ?? '',
  };
}
