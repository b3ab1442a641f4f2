/**
 * oidc-provider as a token endpoint: client credentials by `private_key_jwt` with DPoP, and token exchange as a grant of
 * its own. It keeps what it keeps in memory, as it comes: nothing of it is on disk when it answers.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PrivateJwk } from '@ambit/sdk';
import { createLocalJWKSet, importJWK, type JWTPayload, jwtVerify } from 'jose';
import { answerAsks } from './parts/answering.ts';
import { importPeer } from './parts/peers.ts';
import { thumbprintOf } from './parts/proofs.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const resource = 'urn:measured:api';

type Client = { readonly id: string; readonly key: PrivateJwk };
type Dpop = { readonly thumbprint: string; readonly jti: string };
type Token = {
  resourceServer: object;
  expiration: number;
  setThumbprint(kind: 'jkt', value: string): void;
  save(): Promise<string>;
};
type Context = {
  body: unknown;
  readonly oidc: { readonly client: { readonly clientId: string }; readonly params: Readonly<Record<string, string>> };
};
type Provider = {
  callback(): RequestListener;
  registerGrantType(name: string, handler: (ctx: Context) => Promise<void>, parameters: readonly string[]): void;
  readonly Client: { find(id: string): Promise<object | undefined> };
  readonly ClientCredentials: new (of: object) => Token;
  readonly ResourceServer: new (name: string, info: object) => object;
  readonly ReplayDetection: { unique(issuer: string, id: string, until: number): Promise<boolean> };
};
type Oidc = { readonly default: new (issuer: string, configuration: object) => Provider };
type ValidateDpop = {
  readonly default: (provider: Provider, ctx: Context) => Promise<Dpop>;
  readonly checkDpopReplay: (provider: Provider, ctx: Context, dpop: Dpop, client: string) => Promise<void>;
};

answerAsks({
  async start({ clients }: { readonly clients: readonly Client[] }) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { default: Oidc } = await importPeer<Oidc>('oidc-provider');
    const signing = newSigningKey();
    const provider = new Oidc(issuer, configurationOf(clients, signing));
    const dpop = await importPeer<ValidateDpop>('oidc-provider/lib/helpers/validate_dpop.js');
    const exchange = exchanger(provider, dpop, issuer, signing, clients);
    const parameters = [
      'subject_token',
      'subject_token_type',
      'actor_token',
      'actor_token_type',
      'authorization_details',
    ];
    provider.registerGrantType(exchangeGrant, exchange, parameters);
    server.on('request', provider.callback());
    return { url: `${issuer}/token`, audience: issuer, scope };
  },
});

const scope = 'call';
const resourceInfo = { scope, audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } };

function newSigningKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'signing', alg: 'ES256', use: 'sig' };
}

function configurationOf(clients: readonly Client[], signing: object): object {
  return {
    clients: clients.map(({ id, key }) => {
      const { d: _secret, ...jwk } = key;
      return {
        client_id: id,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        id_token_signed_response_alg: 'ES256',
        grant_types: ['client_credentials', exchangeGrant],
        redirect_uris: [],
        response_types: [],
        scope,
        jwks: { keys: [{ ...jwk, kid: thumbprintOf(key), alg: 'ES256', use: 'sig' }] },
      };
    }),
    jwks: { keys: [signing] },
    scopes: [scope],
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['ES256'], dPoPSigningAlgValues: ['ES256'] },
    extraTokenClaims: (_ctx: unknown, token: { extra?: object }) => token.extra,
    features: {
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => resourceInfo,
        useGrantedResource: () => true,
      },
    },
  };
}

type Act = { readonly sub: string; readonly act?: Act };

/** RFC 8693: checks the subject token and who holds it, the actor token and that it comes once, and nests the actors. */
function exchanger(
  provider: Provider,
  { default: validateDpop, checkDpopReplay }: ValidateDpop,
  issuer: string,
  signing: { readonly kid: string },
  clients: readonly Client[],
) {
  const { d: _secret, ...shown } = signing as { kid: string; d?: string };
  const own = createLocalJWKSet({ keys: [shown as never] });
  const keys = new Map(clients.map(({ id, key }) => [id, importJWK({ ...key, d: undefined } as never, 'ES256')]));
  return async (ctx: Context): Promise<void> => {
    const { client, params } = ctx.oidc;
    const dpop = await validateDpop(provider, ctx);
    await checkDpopReplay(provider, ctx, dpop, client.clientId);
    const { payload: subject } = await jwtVerify(params.subject_token ?? '', own, { issuer, audience: resource });
    const bound = (subject.cnf as { jkt?: string } | undefined)?.jkt;
    if (bound !== dpop.thumbprint || subject.client_id !== client.clientId) throw new Error('another one’s token');
    const actor = await actorOf(params.actor_token ?? '', keys, issuer);
    if (!(await provider.ReplayDetection.unique(actor.sub, actor.jti, actor.exp)))
      throw new Error('the actor token came before');
    const act: Act = { sub: actor.sub, act: (subject.act as Act | undefined) ?? { sub: String(subject.client_id) } };
    const token = new provider.ClientCredentials({
      client: await provider.Client.find(actor.sub),
      scope,
      extra: { act },
    });
    token.resourceServer = new provider.ResourceServer(resource, resourceInfo);
    token.setThumbprint('jkt', actor.jkt);
    ctx.body = {
      access_token: await token.save(),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'DPoP',
      expires_in: token.expiration,
    };
  };
}

async function actorOf(text: string, keys: ReadonlyMap<string, ReturnType<typeof importJWK>>, audience: string) {
  const claimed = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;
  const key = await keys.get(String(claimed.sub));
  if (key === undefined) throw new Error('nobody of that name');
  const { payload } = await jwtVerify(text, key, { audience, issuer: String(claimed.sub) });
  const { jkt } = payload.cnf as { jkt: string };
  return { sub: String(payload.sub), jti: String(payload.jti), exp: Number(payload.exp), jkt };
}
