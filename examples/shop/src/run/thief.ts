import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { newTrace } from './report-line.ts';

export type Theft = { readonly status: number; readonly says: string; readonly traceparent: string };

/** Mallory has a copy of the token, and a key of her own: a proof by the wrong key is worth as little as none. */
export async function useStolenToken(url: string, token: string, path: string): Promise<Theft> {
  const pair = await generateKeyPair('ES256');
  const proof = await new SignJWT({
    htm: 'GET',
    htu: `${url}${path}`,
    iat: Math.floor(Date.now() / 1000),
    jti: crypto.randomUUID(),
    ath: createHash('sha256').update(token).digest('base64url'),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(pair.publicKey) })
    .sign(pair.privateKey);
  const traceparent = newTrace();
  const response = await fetch(`${url}${path}`, {
    headers: { authorization: `DPoP ${token}`, dpop: proof, traceparent },
  });
  const body = (await response.json()) as { readonly detail?: string };
  return { status: response.status, says: body.detail ?? '', traceparent };
}
