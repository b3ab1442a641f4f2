import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { SignInProviderId } from '@ambit/protocol';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider } from 'oidc-provider';
import { testAuthority } from '../src/foundation/http/testing-certificates.ts';
import { type House, openHouse, type Player } from './house.ts';
import { newProofKey, type ProofKey, type RawSession, rawSession } from './raw-person.ts';

export type Account = {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
};

/** A real OpenID provider on loopback, whose pages are answered by a script, and a plane that people sign in to by it. */
export type OidcHouse = {
  readonly house: House;
  readonly issuer: string;
  readonly provider: SignInProviderId;
  /** Accounts at the provider by their `sub`. */
  readonly accounts: Map<string, Account>;
  /** Ada, by hand: what administrators say of providers. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Response>;
  /** Requests to the token endpoint so far. */
  readonly tokenRequests: () => number;
  /** Why the provider gave nothing for a code, the last first. */
  readonly providerSaid: () => string;
  /** Changes what the token endpoint answers. */
  readonly rewrite: (how: ((answer: Record<string, unknown>) => Promise<Record<string, unknown>>) | null) => void;
  readonly start: (key: ProofKey, more?: object) => Promise<string>;
  /** What a browser brings back after it went to that address and somebody signed in there. */
  readonly browse: (url: string, account: string) => Promise<Returned>;
  readonly finish: (key: ProofKey, returned: object) => Promise<Response>;
  /** All three. */
  readonly signIn: (account: string, more?: object) => Promise<Signed>;
  readonly passing: (seconds: number) => void;
  readonly close: () => Promise<void>;
};

export type Returned = {
  readonly state: string;
  readonly code?: string;
  readonly iss?: string;
  readonly error?: string;
};
export type Signed = { readonly response: Response; readonly key: ProofKey; readonly returned: Returned };
export const acrOfCompany = 'https://idp.example/acr/phishing-resistant';

export async function openOidcHouse(settings: object = {}): Promise<OidcHouse> {
  const trueNow = Date.now;
  let ahead = 0;
  Date.now = () => trueNow() + ahead;
  const web = await serveTls();
  const house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.1/32' } });
  const admin = await rawSession(house.plane.people, house.ada);
  const ask = askAs(house, admin);
  const wanted = { name: 'Company', issuer: web.url, clientId: 'ambit', emailDomains: ['acme.example'], ...settings };
  const made = (await (await ask('POST', '/v1/sign-in/providers', wanted)).json()) as Made;
  const accounts = new Map<string, Account>();
  const provider = await companyProvider(web.url, made, accounts);
  let tokenRequests = 0;
  let said = '';
  provider.on('grant.error', (_, { error_detail: detail, message }) => {
    said = `${message}: ${detail}`;
  });
  let rewrite: Parameters<OidcHouse['rewrite']>[0] = null;
  const login = { account: '' };
  const answered = provider.callback();
  web.answer = (request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/interaction/')) return void finishInteraction(provider, request, response, login.account);
    if (path.startsWith('/token')) {
      tokenRequests += 1;
      if (rewrite !== null) rewriting(response, rewrite);
    }
    void answered(request, response);
  };
  const people = house.plane.people;
  const start: OidcHouse['start'] = async (key, more = {}) => {
    const response = await key.send('POST', `${people}/v1/sign-in/oidc/start`, {
      body: { provider: made.id, ...more },
    });
    const body = (await response.json()) as { url?: string };
    if (body.url === undefined) throw new Error(`not started: ${response.status} ${JSON.stringify(body)}`);
    return body.url;
  };
  const browse: OidcHouse['browse'] = (url, account) => {
    login.account = account;
    return followed(url, made.redirectUri);
  };
  const finish: OidcHouse['finish'] = (key, { state, code, iss, error }: Partial<Returned>) =>
    key.send('POST', `${people}/v1/sign-in/oidc/finish`, { body: { state, code, iss, error } });
  return {
    house,
    issuer: web.url,
    provider: made.id,
    accounts,
    ask,
    tokenRequests: () => tokenRequests,
    providerSaid: () => said,
    rewrite: (how) => {
      rewrite = how;
    },
    start,
    browse,
    finish,
    async signIn(account, more) {
      const key = await newProofKey();
      const returned = await browse(await start(key, more), account);
      return { key, returned, response: await finish(key, returned) };
    },
    passing: (seconds) => {
      ahead += seconds * 1000;
    },
    async close() {
      Date.now = trueNow;
      await house.close();
      await web.close();
    },
  };
}

type Made = { readonly id: SignInProviderId; readonly clientKey: JWK; readonly redirectUri: string };

export const askAs =
  (house: House, { token, key }: RawSession) =>
  (method: string, path: string, body?: unknown): Promise<Response> =>
    key.send(method, `${house.plane.people}${path}`, { token, ...(body !== undefined && { body }) });

/** The session that a sign-in opened. */
export async function sessionOf({ response, key }: Signed) {
  const opened = (await response.json()) as { token: string; person: Player['id']; tenant: string };
  return { ...opened, key };
}

async function companyProvider(
  issuer: string,
  { clientKey, redirectUri }: Made,
  accounts: ReadonlyMap<string, Account>,
): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const client = {
    redirect_uris: [redirectUri],
    response_types: ['code' as const],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt' as const,
    token_endpoint_auth_signing_alg: 'ES256' as const,
    jwks: { keys: [clientKey] },
  };
  return new Provider(issuer, {
    clients: [
      { ...client, client_id: 'ambit' },
      { ...client, client_id: 'other' },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'company', use: 'sig', alg: 'RS256' }] },
    pkce: { required: () => true },
    acrValues: [acrOfCompany],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    cookies: { keys: ['one of a test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: async (_, sub) => ({ accountId: sub, claims: async () => ({ ...accounts.get(sub), sub }) }) as never,
    async loadExistingGrant({ oidc }) {
      const ids = { clientId: oidc.client?.clientId ?? '', accountId: oidc.session?.accountId ?? '' };
      const grant = new oidc.provider.Grant(ids);
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
}

async function finishInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  accountId: string,
): Promise<void> {
  const result = accountId === '' ? { error: 'access_denied' } : { login: { accountId, acr: acrOfCompany } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** A browser: it follows redirects and keeps cookies, until it is sent back to where the client lives. */
async function followed(from: string, to: string): Promise<Returned> {
  const cookies = new Map<string, string>();
  for (let url = from, hops = 0; hops < 10; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null)
      throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
    const next = new URL(location, url);
    if (next.href.startsWith(to)) return Object.fromEntries(next.searchParams) as Returned;
    url = next.href;
  }
  throw new Error('the browser was sent around');
}

function rewriting(
  response: ServerResponse,
  how: (answer: Record<string, unknown>) => Promise<Record<string, unknown>>,
): void {
  const end = response.end.bind(response);
  response.end = ((text: string) => {
    void how(JSON.parse(text)).then((answer) => {
      const changed = JSON.stringify(answer);
      response.setHeader('content-length', Buffer.byteLength(changed));
      end(changed);
    });
    return response;
  }) as typeof response.end;
}

async function serveTls() {
  const roots = await testAuthority(`Web roots ${crypto.randomUUID().slice(0, 8)}`);
  const own = await roots.sign({ dns: ['127.0.0.1'] });
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, roots.cert]);
  const web = {
    url: '',
    answer: (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end(),
    async close() {
      setDefaultCACertificates(before);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  const server = createServer({ cert: own.cert, key: own.key }, (request, response) => web.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  web.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return web;
}
