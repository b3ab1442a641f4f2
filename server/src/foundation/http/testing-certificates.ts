import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, hash, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** What a test connects with: PEM texts, and the certificate as Node reads it. */
export type TestCertificate = {
  readonly cert: string;
  readonly key: string;
  readonly private: KeyObject;
  readonly x509: X509Certificate;
  /** RFC 8705 §3.1. */
  readonly thumbprint: string;
};

export type TestAuthority = {
  readonly cert: string;
  /** A certificate with those alternative names, for a new key or for the one given. */
  readonly sign: (names: CertificateNames, more?: CertificateParts) => Promise<TestCertificate>;
  /** Another authority, with a certificate by this one. */
  readonly below: (name: string) => Promise<TestAuthority>;
};

export type CertificateNames = { readonly uris?: readonly string[]; readonly dns?: readonly string[] };
export type CertificateParts = {
  readonly subject?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** PKCS #8 in PEM form. */
  readonly key?: string;
  readonly isAuthority?: boolean;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** An authority that nobody trusts unless a test says so. */
export async function testAuthority(name = 'Test authority', names: CertificateNames = {}): Promise<TestAuthority> {
  const keys = await newPair();
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    ...times({}),
    keys,
    signingAlgorithm: algorithm,
    extensions: [...authorityExtensions(), ...namesExtension(names)],
  });
  return authorityWith(made, keys);
}

const newPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

function authorityWith(made: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): TestAuthority {
  return {
    async below(called) {
      const own = await newPair();
      const signed = await x509.X509CertificateGenerator.create({
        subject: `CN=${called}`,
        issuer: made.subject,
        ...times({}),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: authorityExtensions(),
      });
      return authorityWith(signed, own);
    },
    cert: made.toString('pem'),
    async sign(names, more = {}) {
      const pair = await pairOf(more.key);
      const signed = await x509.X509CertificateGenerator.create({
        subject: more.subject ?? 'CN=agent',
        issuer: made.subject,
        ...times(more),
        publicKey: pair.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: more.isAuthority === true ? authorityExtensions() : leafExtensions(names),
      });
      return certificateOf(signed, pair.pem);
    },
  };
}

/** A certificate that vouches for itself. */
export async function selfSigned(names: CertificateNames = {}, more: CertificateParts = {}): Promise<TestCertificate> {
  const pair = await pairOf(more.key);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: more.subject ?? 'CN=agent',
    ...times(more),
    keys: { publicKey: pair.publicKey, privateKey: pair.privateKey },
    signingAlgorithm: algorithm,
    extensions: leafExtensions(names),
  });
  return certificateOf(made, pair.pem);
}

const day = 86_400_000;
const times = ({ notBefore, notAfter }: CertificateParts) => ({
  notBefore: notBefore ?? new Date(Date.now() - day),
  notAfter: notAfter ?? new Date(Date.now() + day),
});

const authorityExtensions = () => [
  new x509.BasicConstraintsExtension(true, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
];

const leafExtensions = ({ uris = [], dns = [] }: CertificateNames) => [
  new x509.BasicConstraintsExtension(false, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
  new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
  ...namesExtension({ uris, dns }),
];

const namesExtension = ({ uris = [], dns = [] }: CertificateNames) =>
  uris.length + dns.length === 0
    ? []
    : [
        new x509.SubjectAlternativeNameExtension([
          ...uris.map((value) => ({ type: 'url' as const, value })),
          ...dns.map((value) =>
            /^[0-9.]+$/.test(value) ? { type: 'ip' as const, value } : { type: 'dns' as const, value },
          ),
        ]),
      ];

async function pairOf(key = newKey()): Promise<webcrypto.CryptoKeyPair & { readonly pem: string }> {
  const object = createPrivateKey(key);
  const jwk = object.export({ format: 'jwk' }) as webcrypto.JsonWebKey;
  const { d: _, ...open } = jwk;
  const load = (one: webcrypto.JsonWebKey, usage: 'sign' | 'verify') =>
    webcrypto.subtle.importKey('jwk', one, algorithm, true, [usage]);
  return { privateKey: await load(jwk, 'sign'), publicKey: await load(open, 'verify'), pem: key };
}

const newKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

function certificateOf(made: x509.X509Certificate, key: string): TestCertificate {
  const cert = `${made.toString('pem')}\n`;
  const read = new X509Certificate(cert);
  const thumbprint = hash('sha256', read.raw, 'base64url');
  return { cert, key, private: createPrivateKey(key), x509: read, thumbprint };
}
