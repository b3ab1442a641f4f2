import { createECDH, createHmac, createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { type PublicJwk, readPublicKey } from '../../src/identity/key.ts';

/** Who signs in the fuzz of tokens. The keys are made from a word each, so that a seed makes the same inputs everywhere. */
export type Signer = {
  readonly kid: string;
  readonly private: KeyObject;
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
  readonly alg: 'ES256' | 'EdDSA';
};

function p256(kid: string): Signer {
  const secret = hash('sha256', `ambit fuzz ${kid}`, 'buffer');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x: x!, y: y!, d: secret.toString('base64url') };
  return signerOf(kid, 'ES256', createPrivateKey({ key: jwk, format: 'jwk' }));
}

function ed25519(kid: string): Signer {
  // RFC 8410 §7: the same few bytes stand before every raw private key.
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const der = Buffer.concat([head, hash('sha256', `ambit fuzz ${kid}`, 'buffer')]);
  return signerOf(kid, 'EdDSA', createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

function signerOf(kid: string, alg: Signer['alg'], key: KeyObject): Signer {
  const { jwk, thumbprint } = readPublicKey(createPublicKey(key).export({ format: 'jwk' }));
  return { kid, private: key, jwk, thumbprint, alg };
}

const known = { k1: p256('k1'), k2: p256('k2'), stranger: p256('stranger'), agent: p256('agent'), ed: ed25519('ed') };

/** The plane's keys, an agent's, a stranger's, and two that hold no key of their own. */
export const forgers = { ...known, hmac: known.k1, none: known.k1 };
export type Forger = keyof typeof forgers;

/** Keys by name, as headers and claims may carry them. */
export function placeholders(text: string): string {
  const json = (value: unknown) => JSON.stringify(value);
  return text
    .replaceAll('"$AGENT"', json(known.agent.jwk))
    .replaceAll('"$ED"', json(known.ed.jwk))
    .replaceAll('"$STRANGER"', json(known.stranger.jwk))
    .replaceAll('"$PRIVATE"', json(known.agent.private.export({ format: 'jwk' })))
    .replaceAll('$KID', known.agent.thumbprint);
}

/** A compact JWS by that signer over these bytes, with its text changed as `edit` says. */
export function forged(who: Forger, header: Uint8Array, payload: Uint8Array, edit: string): string {
  const signed = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return edited(signed, signatureBy(who, Buffer.from(signed)), edit.split(' '));
}

function signatureBy(who: Forger, bytes: Buffer): Buffer {
  const { private: key, alg, jwk } = forgers[who];
  if (who === 'none') return Buffer.alloc(0);
  // The public key as a shared secret: what a verifier that trusts `alg` would fall for.
  if (who === 'hmac') return createHmac('sha256', JSON.stringify(jwk)).update(bytes).digest();
  return alg === 'ES256' ? sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }) : sign(null, bytes, key);
}

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature that the same key has over the same bytes: (r, n − s). */
function malleated(signature: Buffer): Buffer {
  if (signature.length !== 64) return signature;
  const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}

/** The same two numbers as ASN.1 (RFC 3279 §2.2.3), which JOSE does not use. */
function asDer(signature: Buffer): Buffer {
  const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), bytes]);
  const both = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32, 64))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function edited(signed: string, signature: Buffer, [what = '', first = '0', second = '0']: readonly string[]): string {
  const text = `${signed}.${signature.toString('base64url')}`;
  const [a, b] = [Number.parseInt(first, 10) || 0, Number.parseInt(second, 10) || 0];
  // Counted from the end, where the signature is; large numbers reach the payload and the header.
  const at = Math.max(0, text.length - 1 - ((a * 7) % Math.max(1, text.length)));
  switch (what) {
    case 'swap':
      return `${signed}.${malleated(signature).toString('base64url')}`;
    case 'der':
      return `${signed}.${asDer(signature).toString('base64url')}`;
    case 'high':
      return `${signed}.${Buffer.alloc(64, 0xff).toString('base64url')}`;
    case 'pad':
      return `${text}=`;
    case 'bits':
      // The last character holds four bits that belong to no byte: another spelling of the same signature.
      return text.slice(0, -1) + (alphabet[(alphabet.indexOf(text.at(-1) ?? 'A') ^ 1) & 63] ?? 'A');
    case 'long':
      return `${signed}.${Buffer.concat([signature, Buffer.alloc(1)]).toString('base64url')}`;
    case 'flip':
      return text.slice(0, at) + (alphabet[b & 63] ?? 'A') + text.slice(at + 1);
    case 'cut':
      return text.slice(0, text.length - 1 - (a % 64));
    case 'insert':
      return text.slice(0, at) + (alphabet[b & 63] ?? 'A') + text.slice(at);
    case 'dots':
      return text.replace('.', '..');
    case 'blank':
      return ` ${text}`;
    case 'twice':
      return `${text}, ${text}`;
    case 'lower':
      return text.toLowerCase();
    default:
      return text;
  }
}
