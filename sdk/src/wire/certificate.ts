import { KeyFault, openKey, type SigningKey } from './key.ts';

/** A certificate with its key, as PEM texts, by which an agent proves itself over mutual TLS (RFC 8705). */
export type CertificateInput = {
  /** The certificate, then those between it and the authority that the plane knows. */
  readonly cert: string;
  readonly key: string;
  /** Who signed the plane's own certificate, where that is nobody that Node knows. */
  readonly ca?: string | undefined;
};

/** The way that requests take over connections with a certificate. */
export type Certified = {
  /** RFC 8705 §3.1: SHA-256 of the certificate, base64url. */
  readonly thumbprint: string;
  readonly fetch: typeof fetch;
  /** Throws `KeyFault` for a key that cannot sign offers: it has to be Ed25519 or P-256. */
  readonly key: () => Promise<SigningKey>;
};

/**
 * Opens a certificate. Node's `fetch` takes none, so requests go out by `node:https`; only who has a certificate needs
 * that. Throws `KeyFault` where the texts are no certificate and its key.
 */
export async function openCertificate({ cert, key, ca }: CertificateInput): Promise<Certified> {
  const [{ X509Certificate, createPrivateKey, hash }, { Agent }, { fetchBy }] = await Promise.all([
    import('node:crypto'),
    import('node:https'),
    import('./fetch-by.ts'),
  ]);
  const read = opened(() => new X509Certificate(cert), 'The text in cert is no certificate in PEM form.');
  const isItsKey = opened(
    () => read.checkPrivateKey(createPrivateKey(key)),
    'The text in key is no private key in PEM form.',
  );
  if (!isItsKey) throw new KeyFault('The key is not that of the certificate.');
  const agent = new Agent({ cert, key, ...(ca !== undefined && { ca }), keepAlive: true, minVersion: 'TLSv1.2' });
  const thumbprint = hash('sha256', read.raw, 'base64url');
  return { thumbprint, fetch: fetchBy(agent), key: () => openKey(createPrivateKey(key)) };
}

function opened<T>(open: () => T, says: string): T {
  try {
    return open();
  } catch (error) {
    // Without the parser's own words in the message: what it was given is a key.
    throw new KeyFault(says, { cause: error });
  }
}
