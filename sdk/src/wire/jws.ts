import { toBase64Url, utf8 } from '@ambit/protocol';
import type { SigningKey } from './key.ts';

const part = (value: object) => toBase64Url(utf8(JSON.stringify(value)));

/** A compact JWS (RFC 7515 §3.1) over `claims`. */
export async function signJws(key: SigningKey, header: object, claims: object): Promise<string> {
  const signed = `${part({ ...header, alg: key.alg })}.${part(claims)}`;
  return `${signed}.${toBase64Url(await key.sign(utf8(signed)))}`;
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));
}
