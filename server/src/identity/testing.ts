import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { type Authority, canonicalJson, proofClaim, type TenantId } from '@ambit/protocol';
import { type Ground, type PersonCaller, planeItself, type RawRequest } from '../foundation/index.ts';
import { createTenant } from './create-tenant.ts';
import { enrolPersonKey } from './enrol-person-key.ts';
import { firstAdministrator } from './first-administrator.ts';
import { type PublicJwk, readPublicKey, type SigningAlg } from './key.ts';
import type { Person, Role } from './person.ts';
import { accessTokenHash, bodyDigestOf, type Proof, verifyProof } from './proof.ts';
import { registerPerson } from './register-person.ts';
import type { DocumentSignature, SignedDocument } from './signature.ts';

/** A caller's key pair with all that a caller does with it, for tests. */
export type TestKey = {
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
  readonly alg: SigningAlg;
  readonly private: KeyObject;
};

export function testKey(alg: SigningAlg = 'ES256'): TestKey {
  const { privateKey, publicKey } =
    alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const { jwk, thumbprint } = readPublicKey(publicKey.export({ format: 'jwk' }));
  return { jwk, thumbprint, alg, private: createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })) };
}

export function signBytes({ alg, private: key }: Pick<TestKey, 'alg' | 'private'>, bytes: Uint8Array): Buffer {
  return alg === 'ES256' ? sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }) : sign(null, bytes, key);
}

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A compact JWS; header and claims are taken as they are, so that tests can get them wrong. */
export function signJws(key: TestKey, header: unknown, claims: unknown): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${signBytes(key, Buffer.from(signed)).toString('base64url')}`;
}

export type ProofAbout = {
  readonly method: string;
  readonly url: string;
  readonly now: number;
  readonly token?: string;
  readonly body?: Uint8Array;
};

/** A DPoP proof as a careful caller makes it; `claims` and `header` replace what they name. */
export function signProof(key: TestKey, about: ProofAbout, claims: object = {}, header: object = {}): string {
  const all = {
    jti: randomUUID(),
    htm: about.method,
    htu: about.url,
    iat: Math.floor(about.now / 1000),
    ...(about.token === undefined ? {} : { ath: accessTokenHash(about.token) }),
    ...(about.body === undefined ? {} : { [proofClaim.bodyDigest]: bodyDigestOf(about.body) }),
    ...claims,
  };
  return signJws(key, { typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk, ...header }, all);
}

/** An assertion as a careful caller makes it. */
export function signAssertion(
  key: TestKey,
  about: { readonly subject: string; readonly issuer: string; readonly now: number; readonly seconds?: number },
  claims: object = {},
  header: object = {},
): string {
  const iat = Math.floor(about.now / 1000);
  const { subject, issuer: aud, seconds = 60 } = about;
  const all = { iss: subject, sub: subject, aud, iat, exp: iat + seconds, jti: randomUUID(), ...claims };
  return signJws(key, { typ: 'JWT', alg: key.alg, kid: key.thumbprint, ...header }, all);
}

export function signDocument(key: TestKey, document: SignedDocument): DocumentSignature {
  const value = signBytes(key, Buffer.from(canonicalJson(document))).toString('base64url');
  return { kid: key.thumbprint, alg: key.alg, value };
}

/** A proof that was verified, for verbs that take one. */
export function verifiedProof(key: TestKey, now: number): Proof {
  const about = { method: 'POST', url: 'https://ambit.example/', now };
  return verifyProof(signProof(key, about), about);
}

/** What arrives at a listener for these headers. */
export function rawRequest(
  method: string,
  url: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array = new Uint8Array(0),
): RawRequest {
  return {
    method,
    url,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: headers.flat(),
    body,
    remoteAddress: '127.0.0.1',
    tls: null,
  };
}

export const callerOf = (tenant: TenantId, person: Person): PersonCaller => ({
  kind: 'person',
  tenant,
  person: person.id,
  roles: person.roles,
  who: { ...planeItself, requester: person.id, initiator: person.id, channel: 'operator', proof: 'dpop' },
});

export type Member = { readonly person: Person; readonly caller: PersonCaller; readonly key: TestKey };
export type TestTenant = {
  readonly tenant: TenantId;
  readonly admin: Member;
  readonly join: (
    name: string,
    more?: { readonly roles?: readonly Role[]; readonly delegable?: Authority },
  ) => Promise<Member>;
};

/** A tenant with its first administrator, whose key is enrolled; others join with theirs. */
export async function foundTenant(ground: Ground, name: string): Promise<TestTenant> {
  const { tenant } = await createTenant(ground, name);
  const first = await firstAdministrator(ground, tenant.id, 'Ada');
  const admin = await enrolled(ground, tenant.id, first.person, first.code.unwrap());
  return {
    tenant: tenant.id,
    admin,
    async join(who, { roles = ['owner'] as const, delegable = [] } = {}) {
      const made = await registerPerson(ground, admin.caller, { name: who, email: null, roles, delegable });
      return enrolled(ground, tenant.id, made.person, made.code.unwrap());
    },
  };
}

async function enrolled(ground: Ground, tenant: TenantId, person: Person, code: string): Promise<Member> {
  const key = testKey('EdDSA');
  await enrolPersonKey(ground, { code, label: 'laptop', proof: verifiedProof(key, ground.clock()) });
  return { person, caller: callerOf(tenant, person), key };
}

/** A thumbprint that nobody has. */
export const strangeThumbprint = createHash('sha256').update('nobody').digest('base64url');
