import type { CredentialKind, Credential as CredentialTold } from '@ambit/protocol/wire';
import { refuse, Secret } from '../foundation/index.ts';
import { canonicalOrigin } from '../foundation/outbound/index.ts';
import { whyNoCertificate } from './lenders/certificate.ts';

export type { CredentialKind };

const kept = ['bearer', 'header', 'basic', 'query', 'certificate'] as const;
const made = ['x509-svid', 'jwt-svid'] as const;
export const credentialKinds = [...kept, ...made] as const satisfies readonly CredentialKind[];

/** Of these nothing is stored. */
export const isMade = (kind: CredentialKind): kind is (typeof made)[number] => made.some((one) => one === kind);

/** Where a credential may go and what it looks like there. The sealed secret is bound to every field of it. */
export type Binding = Pick<CredentialTold, 'id' | 'kind' | 'place' | 'origins' | 'api' | 'agentUser'>;

/** As it is kept; times are epoch milliseconds. */
export type Credential = Omit<CredentialTold, 'createdAt' | 'flaggedAt'> & {
  readonly createdAt: number;
  readonly flaggedAt: number | null;
};

export const originsMax = 16;
export const secretCharsMin = 8;
export const secretCharsMax = 4096;

/** The origins in their one spelling, sorted; refuses any that is not an origin. */
export function readOrigins(origins: readonly string[]): readonly string[] {
  const read = origins.map(
    (text) => canonicalOrigin(text) ?? invalid(`"${text}" is not an origin like https://api.example.com`),
  );
  if (read.length === 0 || read.length > originsMax) invalid(`name 1 to ${originsMax} origins`);
  return [...new Set(read)].sort();
}

/** Refuses a place that the kind does not have, or through which a request could be taken over. */
export function requirePlace(kind: CredentialKind, place: string | null): void {
  const problem = placeProblem(kind, place);
  if (problem !== null) invalid(problem);
}

function placeProblem(kind: CredentialKind, place: string | null): string | null {
  if (isShownByConnection(kind)) {
    return place === null ? null : `a credential of the kind ${kind} has no place: the connection shows it`;
  }
  if (kind === 'bearer')
    return place === null ? null : 'a bearer credential has no place: it is the authorization header';
  if (place === null) return `a ${kind} credential needs its place: ${placeMeans[kind]}`;
  if (kind === 'header') return headerProblem(place);
  if (kind === 'jwt-svid') return /^[\x21-\x7e]{1,500}$/.test(place) ? null : 'an audience is visible ASCII';
  if (kind === 'query')
    return /^[A-Za-z0-9._~-]{1,64}$/.test(place) ? null : 'a query parameter has letters, digits and ._~-';
  // RFC 7617 §2: a colon would end the user and begin the password.
  return /^[\x21-\x39\x3b-\x7e]{1,128}$/.test(place) ? null : 'a basic user is visible ASCII without a colon';
}

const placeMeans = {
  header: 'the header’s name',
  query: 'the parameter’s name',
  basic: 'the user',
  'jwt-svid': 'the audience',
};

const isShownByConnection = (kind: CredentialKind): kind is 'certificate' | 'x509-svid' =>
  kind === 'certificate' || kind === 'x509-svid';

function headerProblem(name: string): string | null {
  if (!/^[a-z0-9-]{1,64}$/.test(name)) return 'a header name is written in small letters, digits and dashes';
  return framing.has(name) || /^(proxy-|sec-|x-forwarded-)/.test(name)
    ? `the header ${name} cannot carry a credential`
    : null;
}

const framing: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'content-type', 'content-encoding', 'transfer-encoding', 'te', 'trailer'],
  ...['upgrade', 'expect', 'range', 'accept-encoding', 'forwarded', 'keep-alive', 'via'],
]);

/** A certificate goes to https origins only: nobody else asks for one. */
export function requireOrigins(kind: CredentialKind, origins: readonly string[]): void {
  if (isShownByConnection(kind) && origins.some((one) => !one.startsWith('https://'))) {
    invalid('a certificate is shown to https origins only');
  }
}

/** What is sealed where nothing is kept: the seal alone counts, which says where the credential may go. */
const nothingKept = new Secret('made when it is needed');

/** The secret that a credential of the kind is stored with, as a person gave it, or not. */
export function secretFor(kind: CredentialKind, given: Secret | null): Secret {
  if (isMade(kind)) {
    return given === null ? nothingKept : invalid('an SVID is made here when it is needed: it has no secret to store');
  }
  if (given === null) return invalid(`a ${kind} credential needs its secret`);
  requireSecret(kind, given);
  return given;
}

/** Refuses a secret that could not stand in a header, or is too short to be told from ordinary text in an answer. */
function requireSecret(kind: CredentialKind, secret: Secret): void {
  if (kind === 'certificate') {
    const why = whyNoCertificate(secret);
    if (why !== null) invalid(why);
    return;
  }
  const text = secret.unwrap();
  if (text.length < secretCharsMin || text.length > secretCharsMax) {
    invalid(`a secret has ${secretCharsMin} to ${secretCharsMax} characters`);
  }
  const spaces = kind === 'basic' || kind === 'header';
  if (!(spaces ? /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])$/ : /^[\x21-\x7e]+$/).test(text)) {
    invalid('a secret is visible ASCII without spaces around it');
  }
}

function invalid(says: string): never {
  throw refuse('vault.credential_invalid', says, `${says[0]?.toUpperCase()}${says.slice(1)}.`);
}
