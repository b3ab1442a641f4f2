import type { PublicJwk } from '@ambit/sdk/operator';

/** A public key as it was pasted; a private half is refused here already, so that it is not sent anywhere. */
export function readPublicJwk(text: string): { readonly jwk: PublicJwk } | { readonly fault: string } {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: 'This is no JSON.' };
    throw error;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return { fault: 'This is no JSON Web Key.' };
  if ('d' in read) return { fault: 'This holds a private half (d). Take it away: only the public half belongs here.' };
  if (!('kty' in read) || !('crv' in read) || !('x' in read)) return { fault: 'A public key has kty, crv and x.' };
  return { jwk: read as PublicJwk };
}
