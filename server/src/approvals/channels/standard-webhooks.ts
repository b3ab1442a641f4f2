import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Signing } from './channel.ts';

/** A secret to sign with: the text that is sealed, and its public half where there is one. */
export type SigningSecret = { readonly secret: string; readonly shown: string | null };

const secretBytes = 32;
const spkiPrefixBytes = 12;

/** Standard Webhooks, signature scheme: `whsec_` for HMAC-SHA256; `whsk_` and `whpk_` for Ed25519. */
export function newSecret(signing: Signing): SigningSecret {
  if (signing === 'hmac') return { secret: `whsec_${randomBytes(secretBytes).toString('base64')}`, shown: null };
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefixBytes);
  return { secret: `whsk_${secret}`, shown: `whpk_${raw.toString('base64')}` };
}

export type Message = { readonly id: string; readonly timestamp: number; readonly payload: string };

/** The three headers of an attempt. While a secret is replaced, the old and the new one sign side by side. */
export function headersOf(message: Message, secrets: readonly string[]): readonly (readonly [string, string])[] {
  return [
    ['webhook-id', message.id],
    ['webhook-timestamp', String(message.timestamp)],
    ['webhook-signature', secrets.map((secret) => signatureOf(message, secret)).join(' ')],
  ];
}

function signatureOf({ id, timestamp, payload }: Message, secret: string): string {
  const signed = Buffer.from(`${id}.${timestamp}.${payload}`);
  const bytes = Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64');
  if (secret.startsWith('whsec_')) return `v1,${createHmac('sha256', bytes).update(signed).digest('base64')}`;
  const key = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  return `v1a,${sign(null, signed, key).toString('base64')}`;
}
