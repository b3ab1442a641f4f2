import { acr, detailsType, entityProfile, grantType, tokenType } from '@ambit/protocol';
import { signingAlgs } from '../identity/index.ts';
import { type Issuer, planeAudience, taskAudience } from './issuer.ts';

export const endpoint = {
  token: '/oauth/token',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  jwks: '/.well-known/jwks.json',
  elevations: '/v1/agent/elevations',
} as const;

/** RFC 8414 §2. `issuer` is exactly what this document is fetched under. */
export function serverMetadata(issuer: Pick<Issuer, 'url' | 'tls' | 'clients'>): object {
  const [methods, algs] = [issuer.clients.map(({ name }) => name), signingAlgs];
  return {
    issuer: issuer.url,
    token_endpoint: issuer.url + endpoint.token,
    introspection_endpoint: issuer.url + endpoint.introspection,
    revocation_endpoint: issuer.url + endpoint.revocation,
    jwks_uri: issuer.url + endpoint.jwks,
    response_types_supported: [],
    grant_types_supported: [grantType.clientCredentials, grantType.tokenExchange],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algs,
    // RFC 8414 §2: enforcement points come with a bearer credential.
    introspection_endpoint_auth_methods_supported: [...methods, 'Bearer'],
    introspection_endpoint_auth_signing_alg_values_supported: algs,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algs,
    dpop_signing_alg_values_supported: signingAlgs,
    ...(issuer.tls === null ? {} : certificateMetadata(issuer.tls)),
    authorization_details_types_supported: [detailsType.task, detailsType.grant],
    acr_values_supported: [acr.enrolledKey],
    mission_bound_authorization_supported: true,
    entity_profiles_supported: { actor: Object.values(entityProfile), client: Object.values(entityProfile) },
    actor_profile_token_types_supported: [tokenType.accessToken],
    protected_resources: [taskAudience(issuer), planeAudience(issuer)],
  };
}

/** RFC 8705 §3.3 and §5: the same endpoints where certificates are asked for. */
const certificateMetadata = ({ url }: NonNullable<Issuer['tls']>): object => ({
  tls_client_certificate_bound_access_tokens: true,
  mtls_endpoint_aliases: {
    token_endpoint: url + endpoint.token,
    introspection_endpoint: url + endpoint.introspection,
    revocation_endpoint: url + endpoint.revocation,
  },
});

/** RFC 9728 §2: what tokens of tasks are for, and what the others are for. */
export function resourceMetadata(issuer: Pick<Issuer, 'url' | 'tls'>, tokenFor: 'task' | 'plane'): object {
  return {
    resource: tokenFor === 'task' ? taskAudience(issuer) : planeAudience(issuer),
    authorization_servers: [issuer.url],
    jwks_uri: issuer.url + endpoint.jwks,
    resource_name: tokenFor === 'task' ? 'Ambit gateway' : 'Ambit API for agents',
    bearer_methods_supported: ['header'],
    // Either binding is taken where certificates are: then neither is the one that is required.
    ...(issuer.tls === null
      ? { dpop_bound_access_tokens_required: true }
      : { tls_client_certificate_bound_access_tokens: true }),
    dpop_signing_alg_values_supported: signingAlgs,
    ...(tokenFor === 'task'
      ? {
          authorization_details_types_supported: [detailsType.task, detailsType.grant],
          // Ours: where the holder of a task's token asks for what an `insufficient_scope` says is missing.
          ambit_elevation_endpoint: issuer.url + endpoint.elevations,
        }
      : {}),
  };
}
