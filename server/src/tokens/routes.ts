import {
  grantType,
  mediaType,
  object,
  parameter,
  parseId,
  record,
  refusalRow,
  type TenantId,
  text,
} from '@ambit/protocol';
import type { Ending } from '@ambit/protocol/wire';
import { type Ground, type RawRequest, Refusal, type Reply, type Route, refuse, route } from '../foundation/index.ts';
import { authenticateEnforcementPoint, onlyHeader } from '../identity/index.ts';
import { authenticateClient, type ClientRequest } from './authenticate-client.ts';
import { clientCredentials } from './grants/client-credentials.ts';
import { exchangeToken } from './grants/token-exchange.ts';
import { type Asking, introspectToken } from './introspect.ts';
import type { Issuer } from './issuer.ts';
import { endpoint, resourceMetadata, serverMetadata } from './metadata.ts';
import { statusPublisher } from './publish-status.ts';
import { type EndsToken, revokeOwnToken, revokeToken } from './revoke.ts';
import { statusPath } from './status-list.ts';
import { svidRoutes } from './svids/routes.ts';

// RFC 6749 §3.2: parameters that are not known here are passed over, so that clients may send more than we read.
const form = record(text({ min: 0, max: 65_536 }), { max: 32, name: text({ max: 64 }) });

const grants: { readonly [type: string]: typeof clientCredentials } = {
  [grantType.clientCredentials]: clientCredentials,
  [grantType.tokenExchange]: exchangeToken,
};

/** What agents and enforcement points call on the agents' listener. */
export function tokensRoutes(ground: Ground, issuer: Issuer, ends: EndsToken<unknown>): readonly Route[] {
  const publishStatus = statusPublisher(ground, issuer);
  return [
    route({
      method: 'POST',
      path: endpoint.token,
      who: 'public',
      wire: 'oauth',
      body: form,
      says: 'Issues a token: client_credentials for an accepted task, or a token exchange to delegate part of one.',
      run: async ({ body, raw }) => {
        const parameters = sent(body);
        const type = parameters[parameter.grantType];
        // RFC 6749 §5.2: one that is missing is an invalid request, one that is not offered has a name of its own.
        if (type === undefined)
          throw refuse('request.malformed', 'no grant_type came', 'Say in grant_type which grant is asked for.');
        const grant = Object.hasOwn(grants, type) ? grants[type] : undefined;
        if (grant === undefined)
          throw refuse('grant.unsupported', `grant_type is ${JSON.stringify(type.slice(0, 100))}`);
        return fresh(await grant(ground, issuer, { parameters, raw }));
      },
    }),
    route({
      method: 'POST',
      path: endpoint.introspection,
      who: 'public',
      wire: 'oauth',
      body: form,
      says: 'Says what a token is good for now: to an enforcement point, or to the agent it belongs to.',
      run: async ({ body, raw }) => {
        const request = { parameters: sent(body), raw };
        const asking = await whoAsks(ground, issuer, request);
        return fresh(await introspectToken(ground, issuer, asking, tokenOf(request)));
      },
    }),
    route({
      method: 'POST',
      path: endpoint.revocation,
      load: 'urgent',
      who: 'public',
      wire: 'oauth',
      body: form,
      says: 'Gives up a token of the calling agent, those that came from it, and the tasks made with them.',
      run: async ({ body, raw }) => {
        const request = { parameters: sent(body), raw };
        const client = await authenticateClient(ground, issuer, request);
        await revokeOwnToken(ground, issuer, client, tokenOf(request), ends);
        return { status: 200 };
      },
    }),
    route({
      method: 'GET',
      path: `${statusPath}/:tenant/:list`,
      who: 'public',
      says: 'A list that says which tokens stand (draft-ietf-oauth-status-list), for who verifies them offline.',
      run: async ({ params }) => {
        const tenant = parseId('tenant', params.tenant);
        if (tenant === undefined) throw refuse('thing.not_found', `${params.tenant} is no tenant id`);
        const { text, maxAgeSeconds } = await publishStatus(tenant, params.list ?? '');
        return {
          status: 200,
          headers: { 'cache-control': `public, max-age=${maxAgeSeconds}` },
          text: { type: mediaType.statusList, content: text },
        };
      },
    }),
    ...svidRoutes(ground, issuer),
    published('/.well-known/oauth-authorization-server', 'Describes the token issuer (RFC 8414).', () =>
      serverMetadata(issuer),
    ),
    published(endpoint.jwks, 'The public keys that tokens are verified with (RFC 7517).', () => issuer.keys().jwks),
    published('/.well-known/oauth-protected-resource', 'Describes the gateway (RFC 9728).', () =>
      resourceMetadata(issuer, 'task'),
    ),
    published('/.well-known/oauth-protected-resource/v1', 'Describes the API for agents (RFC 9728).', () =>
      resourceMetadata(issuer, 'plane'),
    ),
  ];
}

/** What persons call on theirs. */
export function operatorTokensRoutes(ground: Ground, ends: EndsToken<Ending>): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/tokens/:token/revoke',
      who: 'administrator',
      body: object({ reason: text({ max: 500 }) }),
      says: 'Ends one token, those that came from it and the tasks made with them, and lists what died.',
      run: async ({ caller, params, body }) => {
        const token = parseId('token', params.token);
        if (token === undefined) throw refuse('thing.not_found', `${params.token} is not a token id`);
        return { status: 200, body: await revokeToken(ground, caller, { token, reason: body.reason }, ends) };
      },
    }),
  ];
}

function published(path: string, says: string, content: () => object): Route {
  return route({ method: 'GET', path, who: 'public', says, run: async () => ({ status: 200, body: content() }) });
}

/** RFC 6749 §3.2: a parameter without a value is as if it had not come. */
function sent(body: Readonly<Record<string, string>>): ClientRequest['parameters'] {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ''));
}

// RFC 6749 §5.1: no token is kept by a cache on its way.
const fresh = (body: object): Reply => ({
  status: 200,
  headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  body,
});

function tokenOf({ parameters }: ClientRequest): string {
  const text = parameters[parameter.token];
  if (text === undefined) throw refuse('request.malformed', 'no token came', 'Send the token in the parameter token.');
  return text;
}

async function whoAsks(ground: Ground, issuer: Issuer, request: ClientRequest): Promise<Asking> {
  if (comesWithBearer(request.raw))
    return { tenant: await tenantOfPoint(ground, issuer, request.raw), agent: null, x5t: null };
  const { tenant, agent } = await authenticateClient(ground, issuer, request);
  return { tenant, agent: agent.id, x5t: request.raw.tls?.certificate?.thumbprint ?? null };
}

/** RFC 7662 §2.3: a credential that does not hold is answered as RFC 6750 §3 says. */
async function tenantOfPoint(ground: Ground, issuer: Issuer, raw: RawRequest): Promise<TenantId> {
  try {
    return (await authenticateEnforcementPoint(ground, issuer.url, raw)).tenant;
  } catch (error) {
    if (!(error instanceof Refusal) || refusalRow(error.code).oauth !== 'invalid_token') throw error;
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
    throw error.with({ headers: challenge });
  }
}

const comesWithBearer = ({ rawHeaders }: RawRequest): boolean =>
  /^bearer /i.test(onlyHeader(rawHeaders, 'authorization') ?? '');
