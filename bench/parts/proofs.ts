import { createHash, createPrivateKey, hash, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { PrivateJwk } from '@ambit/sdk';

/** Somebody who may call: the token and the key that it is bound to. */
export type Holder = { readonly token: string; readonly key: PrivateJwk };

export type Asked = { readonly method: string; readonly url: string; readonly body?: string };

/** Makes proofs (RFC 9449) in bulk, ahead of their use: what signs them is no part of what is measured. */
export function proofMaker({ token, key }: Holder): (asked: Asked) => string {
  const prove = openProver(key);
  const ath = hash('sha256', token, 'base64url');
  return ({ method, url, body }) => {
    const covered = body === undefined ? {} : { ambit_body: `sha-256:${hash('sha256', body, 'base64url')}` };
    return prove({ htm: method, htu: url, ath, ...covered });
  };
}

/** Proofs by one key, each with an id and a time of its own. */
export function openProver(key: PrivateJwk): (claims: Readonly<Record<string, unknown>>) => string {
  const { d: _secret, ...jwk } = key;
  const opened = open(key);
  const header = encode({ typ: 'dpop+jwt', alg: key.kty === 'EC' ? 'ES256' : 'EdDSA', jwk });
  return (claims) => signText(opened, header, { jti: randomUUID(), iat: nowSeconds(), ...claims });
}

/** A call by the agent-auth plugin of better-auth: every request carries a token that the agent signed for it alone. */
export type AgentJwt = {
  readonly agent: string;
  readonly host: string;
  readonly audience: string;
  readonly key: PrivateJwk;
};

export function agentJwtMaker({ agent, host, audience, key }: AgentJwt): () => string {
  const opened = open(key);
  return () => signClaims(opened, { typ: 'agent+jwt', alg: 'EdDSA' }, { sub: agent, iss: host, aud: audience });
}

/** A token signed once, e.g. to enrol somebody. */
export const signJwt = (key: PrivateJwk, header: object, claims: object): string =>
  signClaims(open(key), header, claims);

const lifeSeconds = 60;

/** A token with an id of its own that lives for a minute. */
export function signClaims(key: KeyObject, header: object, claims: object): string {
  const iat = nowSeconds();
  return signText(key, encode(header), { iat, exp: iat + lifeSeconds, jti: randomUUID(), ...claims });
}

/** RFC 7638 §3. */
export function thumbprintOf(key: PrivateJwk): string {
  const { crv, kty, x } = key;
  const members = key.kty === 'EC' ? { crv, kty, x, y: key.y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

const open = (key: PrivateJwk): KeyObject => createPrivateKey({ key: { ...key }, format: 'jwk' });

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signText(key: KeyObject, header: string, claims: object): string {
  const text = `${header}.${encode(claims)}`;
  const bytes = Buffer.from(text);
  const isEc = key.asymmetricKeyType === 'ec';
  const signature = isEc ? sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }) : sign(null, bytes, key);
  return `${text}.${signature.toString('base64url')}`;
}
