import { createPublicKey, hash, X509Certificate } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { type SvidKey, x509 } from '../../foundation/index.ts';

/** What this plane signs SVIDs of its own trust domain with. */
export type SvidAuthority = {
  readonly trustDomain: string;
  readonly signing: SvidKey;
  /** The certificate of the key that signs X.509-SVIDs now. */
  readonly certificate: X509.X509Certificate;
  /** Trust Domain and Bundle §4: what everything that it signed and that still holds is verified with. */
  readonly bundle: object;
};

/** An authority that is opened when it is first needed; null where the operator made no keys for SVIDs. */
export type SvidIssuer = {
  readonly authority: () => Promise<SvidAuthority>;
  /** The longest life of an X.509-SVID, in seconds. */
  readonly ttlSeconds: number;
} | null;

export function openSvidIssuer(
  keys: readonly SvidKey[],
  { trustDomain, svidTtlSeconds: ttlSeconds }: { readonly trustDomain: string; readonly svidTtlSeconds: number },
): SvidIssuer {
  const [signing] = keys;
  if (signing === undefined) return null;
  let opened: Promise<SvidAuthority> | undefined;
  return { ttlSeconds, authority: () => (opened ??= openAuthority(trustDomain, signing, keys)) };
}

const refreshHintSeconds = 300;

async function openAuthority(trustDomain: string, signing: SvidKey, keys: readonly SvidKey[]): Promise<SvidAuthority> {
  const certificates = await Promise.all(keys.map((key) => certificateOf(trustDomain, key)));
  const jwtKeys = keys.map(({ kid, jwt }) => ({
    ...createPublicKey(jwt).export({ format: 'jwk' }),
    use: 'jwt-svid',
    kid,
  }));
  const authorities = certificates.map((one) => {
    const read = new X509Certificate(new Uint8Array(one.rawData));
    return {
      ...read.publicKey.export({ format: 'jwk' }),
      use: 'x509-svid',
      x5c: [read.raw.toString('base64')],
    };
  });
  return {
    trustDomain,
    signing,
    certificate: certificates[0]!,
    bundle: {
      keys: [...jwtKeys, ...authorities],
      // It only rises: keys are put in front, each made after those before it.
      spiffe_sequence: Math.floor(signing.madeAt / 1000),
      spiffe_refresh_hint: refreshHintSeconds,
    },
  };
}

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const authorityMs = 5 * 365 * 86_400_000;

export const signingAlgorithm = algorithm;

/** `signing` as the library takes it. */
export const signingKeyOf = ({ authority }: SvidKey) => authority.toCryptoKey(algorithm, false, ['sign']);

/** X509-SVID §3.1, §4: the same bytes whoever makes it and whenever, since all of it follows from the key. */
async function certificateOf(trustDomain: string, key: SvidKey): Promise<X509.X509Certificate> {
  const publicKey = createPublicKey(key.authority).toCryptoKey(algorithm, true, ['verify']);
  const notBefore = new Date(Math.floor(key.madeAt / 1000) * 1000);
  return x509.library.X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${hash('sha256', key.kid, 'hex').slice(0, 30)}`,
    name: `O=Ambit, CN=SVIDs ${key.kid}`,
    notBefore,
    notAfter: new Date(notBefore.getTime() + authorityMs),
    keys: { privateKey: signingKeyOf(key), publicKey },
    signingAlgorithm: algorithm,
    extensions: [
      new x509.library.BasicConstraintsExtension(true, 0, true),
      new x509.library.KeyUsagesExtension(
        x509.library.KeyUsageFlags.keyCertSign | x509.library.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.library.SubjectKeyIdentifierExtension.create(publicKey),
      new x509.library.SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${trustDomain}` }]),
    ],
  });
}
