import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { certificateHolds, refuse, type Secret } from '../../foundation/index.ts';
import type { ClientIdentity } from '../../foundation/outbound/index.ts';
import type { Credential } from '../credential.ts';

const charsMax = 32_768;
const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/**
 * A certificate with its key, for APIs that ask for one (mutual TLS). It changes nothing in the request; the connection
 * shows it, and is of this credential and version alone. INVARIANT: the key never leaves this process.
 */
export function certificateLender(
  { id, version }: Pick<Credential, 'id' | 'version'>,
  secret: Secret,
  now: number,
): ClientIdentity {
  const own = ownCertificate(secret);
  if (own !== null && certificateHolds(own, now)) {
    return { version: `${version}`, pem: secret };
  }
  throw refuse(
    'vault.certificate_expired',
    `the certificate of ${id} holds until ${own?.validTo ?? 'nobody knows when'}`,
  );
}

/** Null for a text that holds a certificate, and the key that it is for. No word of the key is in the answer. */
export function whyNoCertificate(secret: Secret): string | null {
  const pem = secret.unwrap();
  if (pem.length > charsMax) return `a certificate with its key has at most ${charsMax} characters`;
  if (ownCertificate(secret) === null) return 'the secret holds no certificate in PEM form';
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return 'the secret holds no private key in PEM form';
  try {
    createSecureContext({ cert: pem, key: pem });
    return null;
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    return `the certificate and the key do not belong together, or cannot be read (${why})`;
  }
}

const read = new WeakMap<Secret, X509Certificate | null>();

/** The first one: those after it are between it and its root. */
function ownCertificate(secret: Secret): X509Certificate | null {
  const known = read.get(secret);
  if (known !== undefined) return known;
  const made = opened(block.exec(secret.unwrap())?.[0]);
  read.set(secret, made);
  return made;
}

function opened(text: string | undefined): X509Certificate | null {
  if (text === undefined) return null;
  try {
    return new X509Certificate(text);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
