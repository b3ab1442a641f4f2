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

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const signed = (key: KeyObject, text: string): Buffer =>
  key.asymmetricKeyType === 'ec'
    ? sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
    : sign(null, Buffer.from(text), key);
