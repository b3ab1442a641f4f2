import { toBase64Url } from '@ambit/protocol';

/** Where a static key is good: at least one of the two. */
export type Bound = { readonly x5t: string | null; readonly zone: readonly string[] | null };

/** RFC 8705 §3.1: the one certificate, as PEM, by its thumbprint; and networks, one a line. */
export async function readBinding(
  pem: string,
  networks: string,
): Promise<{ readonly bound: Bound } | { readonly fault: string }> {
  const zone = networks.split(/[\s,]+/).filter((one) => one !== '');
  if (pem.trim() === '')
    return zone.length === 0
      ? { fault: 'Bind it to a network or to a certificate: whoever copies it could use it elsewhere.' }
      : { bound: { x5t: null, zone } };
  if (/PRIVATE KEY/.test(pem))
    return { fault: 'This holds a private key. Take it away: only the certificate belongs here.' };
  const der = derOf(pem);
  if (der === null) return { fault: 'This is no single certificate in PEM form.' };
  const x5t = toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', der)));
  return { bound: { x5t, zone: zone.length === 0 ? null : zone } };
}

const certificate = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

function derOf(pem: string): Uint8Array<ArrayBuffer> | null {
  const body = certificate.exec(pem)?.[1]?.replaceAll(/\s/g, '') ?? '';
  if (body === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(body) || body.length % 4 !== 0) return null;
  return Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
}
