import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type Page, serveWeb } from './spiffe-domain.ts';

export const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const rule = { repository: 'acme/shop', ref: 'refs/heads/main', environment: 'production' };
/** What a CI service says of a job, besides what the rule names. */
const job = { sub: 'repo:acme/shop:environment:production', repository_owner: 'acme', run_id: '77', ...rule };

/** What is undefined is left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** An issuer with keys of its own: discovery, keys, and tokens. It knows nothing of Ambit. */
export async function ciService() {
  let changed: (path: string) => Page | null | undefined = () => undefined;
  const makeKey = async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: crypto.randomUUID(), use: 'sig', alg: 'RS256' };
    return { privateKey, jwk };
  };
  let keys = [await makeKey()];
  const web = await serveWeb((path) => {
    const page = changed(path);
    if (page !== undefined) return page;
    if (path === '/keys')
      return { body: JSON.stringify({ keys: [...keys.map(({ jwk }) => jwk), { kty: 'OKP', kid: 'odd' }] }) };
    if (path !== '/.well-known/openid-configuration') return { status: 404 };
    return { body: JSON.stringify({ issuer: web.url, jwks_uri: `${web.url}/keys` }) };
  });
  return {
    web,
    get issuer() {
      return web.url;
    },
    jwk: () => keys[0]!.jwk,
    change(how: typeof changed) {
      changed = how;
    },
    async rotate() {
      keys = [await makeKey(), ...keys];
    },
    token(aud: JWTPayload['aud'], claims: Claims = {}, header: object = {}) {
      const iat = Math.floor(Date.now() / 1000);
      const { privateKey, jwk } = keys[0]!;
      const payload = { iss: web.url, aud, iat, exp: iat + 300, jti: crypto.randomUUID(), ...job, ...claims };
      return new SignJWT(payload as JWTPayload)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: jwk.kid, ...header })
        .sign(privateKey);
    },
  };
}
