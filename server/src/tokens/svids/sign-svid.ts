import { randomBytes, sign } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { x509 } from '../../foundation/index.ts';
import { type Agent, rawSignature } from '../../identity/index.ts';
import { type SvidAuthority, signingAlgorithm, signingKeyOf } from './svid-authority.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** JWT-SVID §2, §3. */
export function signJwtSvid({ signing }: SvidAuthority, claims: object): string {
  const signed = `${part({ alg: 'ES256', typ: 'JWT', kid: signing.kid })}.${part(claims)}`;
  const { buffer } = rawSignature(sign('sha256', Buffer.from(signed), signing.jwt));
  return `${signed}.${Buffer.from(buffer).toString('base64url')}`;
}

const skewMs = 30_000;

/** X509-SVID §2: a leaf with one name, the SPIFFE ID. */
export async function signX509Svid(
  authority: SvidAuthority,
  publicKey: X509.PublicKeyType,
  of: { readonly agent: Agent; readonly spiffeId: string; readonly now: number; readonly notAfter: Date },
): Promise<X509.X509Certificate> {
  const { library } = x509;
  return library.X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    subject: `O=Ambit, CN=${of.agent.id}`,
    issuer: authority.certificate.subjectName,
    // Whose clock is a little behind takes it too.
    notBefore: new Date(Math.max(authority.certificate.notBefore.getTime(), of.now - skewMs)),
    notAfter: of.notAfter,
    publicKey,
    signingKey: signingKeyOf(authority.signing),
    signingAlgorithm,
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      new library.KeyUsagesExtension(library.KeyUsageFlags.digitalSignature, true),
      new library.ExtendedKeyUsageExtension([library.ExtendedKeyUsage.clientAuth, library.ExtendedKeyUsage.serverAuth]),
      await library.AuthorityKeyIdentifierExtension.create(authority.certificate),
      new library.SubjectAlternativeNameExtension([{ type: 'url', value: of.spiffeId }]),
    ],
  });
}
