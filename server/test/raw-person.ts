import { createHash, randomUUID } from 'node:crypto';
import { canonicalJson, proofClaim } from '@ambit/protocol';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { Player } from './house.ts';

type Signer = Parameters<SignJWT['sign']>[0];

/** A proof key as a page makes it, and requests that it signs: written out by hand, so that an attack can forge any part. */
export type ProofKey = {
  readonly jkt: string;
  readonly proof: (method: string, url: string, about?: { token?: string; body?: string }) => Promise<string>;
  /** A signature over a document, as enrolled keys make them. */
  readonly sign: (document: object) => Promise<{ kid: string; alg: string; value: string }>;
  /** A request with a proof, and with a session where a token is given. */
  readonly send: (method: string, url: string, sending?: Sending) => Promise<Response>;
};

export type Sending = { readonly token?: string; readonly body?: unknown; readonly headers?: Record<string, string> };

export async function newProofKey(): Promise<ProofKey> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  const proof: ProofKey['proof'] = (method, url, { token, body } = {}) => {
    const claims = {
      htm: method,
      htu: url,
      ...(token !== undefined && { ath: hashOf(token) }),
      ...(body !== undefined && { [proofClaim.bodyDigest]: `sha-256:${hashOf(body)}` }),
    };
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk } as const;
    return new SignJWT(claims)
      .setProtectedHeader(header)
      .setJti(randomUUID())
      .setIssuedAt(seconds())
      .sign(pair.privateKey);
  };
  return {
    jkt: await calculateJwkThumbprint(jwk),
    proof,
    async sign(document) {
      const how = { name: 'ECDSA', hash: 'SHA-256' };
      const text = Buffer.from(canonicalJson(document as never));
      const value = Buffer.from(await crypto.subtle.sign(how, pair.privateKey, text)).toString('base64url');
      return { kid: await calculateJwkThumbprint(jwk), alg: 'ES256', value };
    },
    async send(method, url, { token, body: given, headers = {} } = {}) {
      const body = given === undefined ? undefined : JSON.stringify(given);
      const dpop = await proof(method, url, { ...(token && { token }), ...(body !== undefined && { body }) });
      return fetch(url, {
        method,
        redirect: 'manual',
        headers: {
          dpop,
          ...(token && { authorization: `DPoP ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      });
    },
  };
}

const seconds = () => Math.floor(Date.now() / 1000);
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');

/** A session that the enrolled key of a person opened. */
export type RawSession = { readonly token: string; readonly key: ProofKey };

export async function rawSession(people: string, { id, key }: Pick<Player, 'id' | 'key'>): Promise<RawSession> {
  const proofKey = await newProofKey();
  const { d: _d, ...shown } = key as unknown as JWK;
  const kid = await calculateJwkThumbprint(shown);
  const signer = (await importJWK(key as unknown as JWK, 'EdDSA')) as Signer;
  const assertion = await new SignJWT({ cnf: { jkt: proofKey.jkt } })
    .setProtectedHeader({ typ: 'JWT', alg: 'EdDSA', kid })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(people)
    .setJti(randomUUID())
    .setIssuedAt(seconds())
    .setExpirationTime(seconds() + 60)
    .sign(signer);
  const response = await proofKey.send('POST', `${people}/v1/sessions`, { body: { assertion } });
  if (response.status !== 201) throw new Error(`no session: ${response.status} ${await response.text()}`);
  return { token: ((await response.json()) as { token: string }).token, key: proofKey };
}
