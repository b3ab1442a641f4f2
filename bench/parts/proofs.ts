import { createPrivateKey, hash, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { PrivateJwk } from '@ambit/sdk';

/** Somebody who may call: the token and the key that it is bound to. */
export type Holder = { readonly token: string; readonly key: PrivateJwk };

export type Asked = { readonly method: string; readonly url: string; readonly body?: string };

/** Makes proofs (RFC 9449) in bulk, ahead of their use: what signs them is no part of what is measured. */
export function proofMaker({ token, key }: Holder): (asked: Asked) => string {
  const { d: _secret, ...jwk } = key;
  const opened = createPrivateKey({ key: { ...key }, format: 'jwk' });
  const header = encode({ typ: 'dpop+jwt', alg: key.kty === 'EC' ? 'ES256' : 'EdDSA', jwk });
  const ath = hash('sha256', token, 'base64url');
  return ({ method, url, body }) => {
    const claims = {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(Date.now() / 1000),
      ath,
      ...(body === undefined ? {} : { ambit_body: `sha-256:${hash('sha256', body, 'base64url')}` }),
    };
    const text = `${header}.${encode(claims)}`;
    return `${text}.${signed(opened, text).toString('base64url')}`;
  };
}

/** A call by the agent-auth plugin of better-auth: every request carries a token that the agent signed for it alone. */
export type AgentJwt = {
  readonly agent: string;
  readonly host: string;
  readonly audience: string;
  readonly key: PrivateJwk;
};

export function agentJwtMaker({ agent, host, audience, key }: AgentJwt): () => string {
  const opened = createPrivateKey({ key: { ...key }, format: 'jwk' });
  const header = encode({ typ: 'agent+jwt', alg: 'EdDSA' });
  return () => {
    const iat = Math.floor(Date.now() / 1000);
    const text = `${header}.${encode({ sub: agent, iss: host, aud: audience, iat, exp: iat + 60, jti: randomUUID() })}`;
    return `${text}.${signed(opened, text).toString('base64url')}`;
  };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed once, e.g. to enrol somebody. */
export function signJwt(key: PrivateJwk, header: object, claims: object): string {
  const iat = Math.floor(Date.now() / 1000);
  const text = `${encode(header)}.${encode({ iat, exp: iat + 60, jti: randomUUID(), ...claims })}`;
  return `${text}.${signed(createPrivateKey({ key: { ...key }, format: 'jwk' }), text).toString('base64url')}`;
}

const signed = (key: KeyObject, text: string): Buffer =>
  key.asymmetricKeyType === 'ec'
    ? sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
    : sign(null, Buffer.from(text), key);
