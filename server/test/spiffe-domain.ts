import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type AgentId, grantType } from '@ambit/protocol';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import type * as oauth from 'oauth4webapi';
import { type TestAuthority, testAuthority } from '../src/foundation/http/testing-certificates.ts';
import { type House, type Player, wholeShop } from './house.ts';

/** A trust domain with keys of its own, as SPIRE has them: it makes SVIDs and a bundle, and knows nothing of Ambit. */
export type TestDomain = {
  readonly name: string;
  readonly authority: TestAuthority;
  /** A JWT-SVID; what is given replaces what an honest one would say. */
  readonly jwtSvid: (sub: string, aud: JWTPayload['aud'], claims?: JWTPayload, header?: object) => Promise<string>;
  /** Its bundle as text; `sequence` counts up with every rotation. */
  readonly bundle: (more?: Record<string, unknown>) => string;
  /** New keys and a new authority beside the old ones, whose SVIDs go on to hold. */
  readonly rotate: () => Promise<void>;
  /** The public half of the key that it signs with now. */
  readonly jwk: () => Record<string, unknown>;
};

export async function testDomain(name: string, alg = 'ES256'): Promise<TestDomain> {
  let sequence = 1;
  const makeKey = async () => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), use: 'jwt-svid', kid: crypto.randomUUID() } };
  };
  const makeAuthority = () =>
    testAuthority(`${name} ${crypto.randomUUID().slice(0, 8)}`, { uris: [`spiffe://${name}`] });
  let keys = [await makeKey()];
  let authorities = [await makeAuthority()];
  const newest = () => keys[0]!;
  return {
    name,
    get authority() {
      return authorities[0]!;
    },
    jwtSvid(sub, aud, claims = {}, header = {}) {
      const iat = Math.floor(Date.now() / 1000);
      const protectedHeader = { alg, kid: newest().jwk.kid, typ: 'JWT', ...header } as JWTHeaderParameters;
      const payload = { sub, ...(aud !== undefined && { aud }), iat, exp: iat + 300, ...claims };
      return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(newest().privateKey);
    },
    bundle: (more = {}) =>
      JSON.stringify({
        keys: [
          ...keys.map(({ jwk }) => jwk),
          ...authorities.map(({ cert }) => ({ ...certificateJwk(cert), use: 'x509-svid' })),
          { kty: 'EC', use: 'wit-svid', kid: 'of a use that is unknown here' },
        ],
        spiffe_sequence: sequence,
        spiffe_refresh_hint: 60,
        ...more,
      }),
    async rotate() {
      keys = [await makeKey(), ...keys];
      authorities = [await makeAuthority(), ...authorities];
      sequence += 1;
    },
    jwk: () => newest().jwk,
  };
}

function certificateJwk(pem: string) {
  const certificate = new X509Certificate(pem);
  return { ...certificate.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] };
}

/** An agent without a key of its own: that SPIFFE ID is all it has. */
export async function registerSpiffe(owner: Player, name: string, subject: string): Promise<AgentId> {
  const { agents } = owner.operator;
  const { id } = await agents.register({
    name,
    team: 'support',
    purpose: 'Settles complaints.',
    environment: 'test',
    zone: 'default',
    expiresAt: Date.now() + 86_400_000,
    liveTasksMax: 50,
    ceiling: wholeShop,
  });
  await agents.addIdentity(id, { method: 'spiffe', issuer: subject.split('/')[2] ?? '', subject });
  await agents.activate(id);
  return id;
}

export const jwtSpiffeType = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';

/** What an independent client library needs to come with an assertion of any type. */
export const assertionAuth =
  (assertion: string, type = jwtSpiffeType, clientId?: string): oauth.ClientAuth =>
  (_as, _client, body) => {
    body.set('client_assertion_type', type);
    body.set('client_assertion', assertion);
    if (clientId !== undefined) body.set('client_id', clientId);
  };

export type Told = {
  readonly status: number;
  readonly error?: string;
  readonly code?: string;
  readonly error_description?: string;
  readonly access_token?: string;
};

/** One request for a token with that assertion, with a proof by those keys. */
export async function askForToken(
  house: Pick<House, 'plane'>,
  form: Record<string, string>,
  proof: string | null,
): Promise<Told> {
  const response = await fetch(`${house.plane.agents}/oauth/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(proof === null ? {} : { dpop: proof }),
    },
    body: new URLSearchParams({ grant_type: grantType.clientCredentials, ...form }).toString(),
  });
  return { ...((await response.json()) as object), status: response.status };
}

/** A key that makes proofs, as a client would hold it. */
export async function prover(house: Pick<House, 'plane'>): Promise<() => Promise<string>> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return () =>
    new SignJWT({ jti: crypto.randomUUID(), htm: 'POST', htu: `${house.plane.agents}/oauth/token` })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt(Math.floor(Date.now() / 1000))
      .sign(privateKey);
}

/** What a place on the web answers just now. */
export type Page = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

/** An https server on loopback with a certificate that this process trusts, as every client trusts the web's. */
export async function serveWeb(answer: (path: string) => Page | null) {
  const roots = await testAuthority(`Web roots ${crypto.randomUUID().slice(0, 8)}`);
  const own = await roots.sign({ dns: ['127.0.0.1'] });
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, roots.cert]);
  let asked = 0;
  const server = createServer({ cert: own.cert, key: own.key }, (request, response) => {
    asked += 1;
    const page = answer(request.url ?? '/');
    if (page === null) return void request.socket.destroy();
    response.writeHead(page.status ?? 200, { 'content-type': 'application/json', ...page.headers });
    response.end(page.body ?? '');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    async close() {
      setDefaultCACertificates(before);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
