import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { testAuthority } from '../src/foundation/http/testing-certificates.ts';
import { rotateSvidKey } from '../src/foundation/index.ts';
import { keySourceOf } from '../src/opening.ts';
import { type House, order } from './house.ts';

/** Who was at the other end of one request, as the API could verify it by the published bundle alone. */
export type Known = {
  /** The name in the certificate of the connection; undefined where it showed none. */
  readonly shown: string | undefined;
  /** The claims of the bearer, where it verifies. */
  readonly claims: JWTPayload | null;
  readonly bearer: string | undefined;
  /** Which connection it came over. */
  readonly connection: number;
};

/** An API that trusts the bundle of the plane's trust domain, in real TLS. */
export async function svidUpstream(audience: string) {
  const trustedBefore = getCACertificates('default');
  const roots = await testAuthority(`API roots ${crypto.randomUUID()}`);
  const own = await roots.sign({ dns: ['127.0.0.1'] });
  const seen: Known[] = [];
  let keys: JSONWebKeySet = { keys: [] };
  const upstream = { seen, origin: '', mirrors: false };
  const server = createServer({ cert: own.cert, key: own.key }, async (request, response) => {
    const socket = request.socket as TLSSocket;
    const bearer = request.headers.authorization?.replace('Bearer ', '');
    const verified =
      bearer === undefined ? null : await jwtVerify(bearer, createLocalJWKSet(keys), { audience }).catch(() => null);
    const shown = socket.getPeerX509Certificate()?.subjectAltName;
    seen.push({ shown, bearer, claims: verified?.payload ?? null, connection: socket.remotePort ?? 0 });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: order, ...(upstream.mirrors && { you: bearer }) }));
  });
  setDefaultCACertificates([...trustedBefore, roots.cert]);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  upstream.origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return Object.assign(upstream, {
    /** From here on it lets in who is in the bundle, and asks everybody for a certificate or, if told so, for none. */
    async trust(house: House, { certificates }: { readonly certificates: boolean }): Promise<void> {
      const answered = await fetch(`${house.plane.agents}/.well-known/spiffe/bundle`);
      const bundle = (await answered.json()) as { readonly keys: readonly (JWK & { readonly use: string })[] };
      const ca = bundle.keys.flatMap(({ x5c }) =>
        x5c?.[0] ? [new X509Certificate(Buffer.from(x5c[0], 'base64'))] : [],
      );
      keys = { keys: bundle.keys.filter(({ use }) => use === 'jwt-svid').map(({ use: _, ...key }) => key) };
      server.setSecureContext({ cert: own.cert, key: own.key, ca: ca.map(String) });
      Object.assign(server, { requestCert: certificates, rejectUnauthorized: certificates });
    },
    async close(): Promise<void> {
      setDefaultCACertificates(trustedBefore);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}

/** Makes keys for SVIDs as `ambit keys rotate --svids` does, and starts the plane with them. */
export async function startIssuing(house: House): Promise<void> {
  rotateSvidKey(keySourceOf(house.config), Date.now);
  await house.restart();
}
