import { sign } from 'node:crypto';
import { rawSignature } from '../identity/index.ts';
import { type TokenKeys, tokenAlg } from './keys.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A compact JWS (RFC 7515 §3.1) of that type over the claims, by the key that signs now. */
export function signJwt({ signing }: Pick<TokenKeys, 'signing'>, typ: string, claims: object): string {
  const signed = `${part({ typ, alg: tokenAlg, kid: signing.kid })}.${part(claims)}`;
  const signature = rawSignature(sign('sha256', Buffer.from(signed), signing.key));
  return `${signed}.${Buffer.from(signature.buffer).toString('base64url')}`;
}
