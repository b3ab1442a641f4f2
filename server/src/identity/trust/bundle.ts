import { hash, type X509Certificate } from 'node:crypto';
import { JsonFault, JsonNumber, type JsonObject, type JsonValue, parseJson } from '@ambit/protocol';
import { openCertificate } from '../../foundation/index.ts';
import { type OutsideKey, readOutsideKey } from './outside-key.ts';
import { parseSpiffeId } from './spiffe-id.ts';
import { isAuthority, spiffeIdsOf } from './svid-certificate.ts';

/** What one trust domain signs with (SPIFFE Trust Domain and Bundle §4). Of another trust domain it says nothing. */
export type Bundle = {
  readonly trustDomain: string;
  /** `spiffe_sequence`; null where the bundle does not count. */
  readonly sequence: number | null;
  /** `spiffe_refresh_hint`, in seconds; null where it does not say. */
  readonly refreshHintSeconds: number | null;
  readonly jwtKeys: readonly OutsideKey[];
  readonly authorities: readonly X509Certificate[];
  /** Names each key, so that two trust domains can be told to hold the same. */
  readonly thumbprints: readonly string[];
};

/** A bundle cannot be taken; the message says why, and holds nothing secret. */
export class BundleFault extends Error {
  override readonly name = 'BundleFault';
}

export const bundleBytesMax = 262_144;
const keysMax = 64;
const hintSecondsMax = 86_400;

/**
 * Reads what is said to be the bundle of that trust domain. Keys of another use are passed over (§4.2.2). INVARIANT
 * (a domain that answers for another): a bundle with an authority that names another trust domain is none at all.
 */
export function readBundle(text: string, trustDomain: string): Bundle {
  const document = objectOf(parsed(text), 'it');
  if (!Array.isArray(document.keys)) throw new BundleFault('it has no list of keys: a bundle is a JWK set');
  if (document.keys.length > keysMax) throw new BundleFault(`it has more than ${keysMax} keys`);
  const keys = document.keys.map((one) => objectOf(one as JsonValue, 'a key of it'));
  const jwtKeys = keys.filter(({ use }) => use === 'jwt-svid').map(readJwtKey);
  const authorities = keys.filter(({ use }) => use === 'x509-svid').map((key) => readAuthority(key, trustDomain));
  if (jwtKeys.length + authorities.length === 0) {
    throw new BundleFault('none of its keys has the use jwt-svid or x509-svid: it is no bundle of a trust domain');
  }
  const twice = jwtKeys.find(({ kid }, i) => jwtKeys.findIndex((other) => other.kid === kid) !== i);
  if (twice !== undefined) throw new BundleFault(`two of its keys have the kid ${twice.kid}`);
  return {
    trustDomain,
    sequence: wholeOf(document, 'spiffe_sequence', Number.MAX_SAFE_INTEGER),
    refreshHintSeconds: wholeOf(document, 'spiffe_refresh_hint', hintSecondsMax),
    jwtKeys,
    authorities,
    thumbprints: [...jwtKeys.map(({ thumbprint }) => thumbprint), ...authorities.map(spkiThumbprint)],
  };
}

const spkiThumbprint = ({ publicKey }: X509Certificate) =>
  hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'base64url');

function parsed(text: string): JsonValue {
  try {
    return parseJson(text, { depthMax: 8, nodesMax: 4096 });
  } catch (error) {
    if (error instanceof JsonFault) throw new BundleFault(`it is not JSON of one meaning: ${error.message}`);
    throw error;
  }
}

function objectOf(value: JsonValue, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)) {
    return value as JsonObject;
  }
  throw new BundleFault(`${what} is not a JSON object`);
}

function wholeOf(document: JsonObject, name: string, max: number): number | null {
  const given = document[name];
  if (given === undefined) return null;
  const value = given instanceof JsonNumber ? given.toNumber() : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0) return Math.min(value, max);
  throw new BundleFault(`its ${name} is not a whole number`);
}

function readJwtKey(jwk: JsonObject): OutsideKey {
  const key = readOutsideKey(jwk);
  if (typeof key === 'string') throw new BundleFault(key);
  return key;
}

// §4.2.2: exactly one certificate, which is the authority.
function readAuthority({ x5c }: JsonObject, trustDomain: string): X509Certificate {
  const [only, ...more] = Array.isArray(x5c) ? x5c : [];
  if (typeof only !== 'string' || more.length > 0) throw new BundleFault('an x509-svid key has not exactly one x5c');
  const certificate = openCertificate(Buffer.from(only, 'base64'));
  if (certificate === undefined) throw new BundleFault('the x5c of an x509-svid key is no certificate');
  const why = whyNoAuthority(certificate, trustDomain);
  if (why !== undefined) throw new BundleFault(why);
  return certificate;
}

function whyNoAuthority(certificate: X509Certificate, trustDomain: string): string | undefined {
  if (!isAuthority(certificate)) return 'an x509-svid key is the certificate of no authority: it may not sign others';
  const other = spiffeIdsOf(certificate).find((uri) => parseSpiffeId(uri)?.trustDomain !== trustDomain);
  return other === undefined ? undefined : `it answers for another trust domain: an authority of it is ${other}`;
}
