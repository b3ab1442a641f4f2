import { assertionType, JsonNumber, type JsonObject } from '@ambit/protocol';
import { type Ground, type RawRequest, Refusal, refuse } from '../foundation/index.ts';
import {
  type AuthenticatedAgent,
  authenticateAgent,
  bodyDigestOf,
  coversBody,
  onlyHeader,
  type Proof,
  proofHeader,
  readAssertion,
  verifyProof,
} from '../identity/index.ts';
import type { Issuer } from './issuer.ts';

/** A form that came to one of the OAuth endpoints, with the request that carried it. */
export type ClientRequest = { readonly parameters: Readonly<Record<string, string>>; readonly raw: RawRequest };

/** The agent behind a request to an OAuth endpoint, by `private_key_jwt`. Its assertion is spent when this returns. */
export async function authenticateClient(
  ground: Ground,
  issuer: Pick<Issuer, 'url'>,
  { parameters, raw }: ClientRequest,
  proof: Proof | null,
): Promise<AuthenticatedAgent> {
  const authorization = onlyHeader(raw.rawHeaders, 'authorization');
  try {
    if (parameters.client_assertion_type === assertionType.jwtBearer)
      requireMeantHere(parameters.client_assertion, proof);
    return await authenticateAgent(ground, issuer.url, { parameters, authorization });
  } catch (error) {
    throw error instanceof Refusal ? answeringScheme(error, authorization) : error;
  }
}

/** RFC 6749 §5.2: who tried the Authorization header is answered by a challenge of that scheme. */
function answeringScheme(refusal: Refusal, authorization = ''): Refusal {
  if (!/^basic /i.test(authorization)) return refusal;
  const challenge = { 'www-authenticate': 'Basic realm="agents log in by private_key_jwt alone"' };
  return new Refusal(refusal.code, refusal.because, refusal.says, { ...refusal.headers, ...challenge });
}

/**
 * An assertion that names a proof key is good with that key only. What an agent signs as actor token for another one
 * names its key, so that the other cannot use it to log in under its name (RFC 8725 §2.8, cross-JWT confusion).
 */
function requireMeantHere(assertion: string | undefined, proof: Proof | null): void {
  const confirmation = assertion === undefined ? undefined : readAssertion(assertion).jws.claims.cnf;
  if (confirmation === undefined) return;
  const isObject = typeof confirmation === 'object' && confirmation !== null && !(confirmation instanceof JsonNumber);
  const jkt = isObject ? (confirmation as JsonObject).jkt : undefined;
  if (proof !== null && jkt === proof.jkt) return;
  throw refuse('assertion.invalid', 'the assertion names another proof key than the one that signed the DPoP proof');
}

/** The DPoP proof of a request to the token endpoint: the key that signed it is what the token will be bound to. */
export function proofOfClient(issuer: Pick<Issuer, 'url'>, raw: RawRequest, now: number): Proof {
  const about = { method: raw.method, url: `${issuer.url}${raw.url}`, now };
  const proof = verifyProof(proofHeader(raw.rawHeaders), about);
  // Here the assertion covers what matters; a digest is compared where a client names one.
  if (proof.bodyDigest !== null) coversBody(proof, bodyDigestOf(raw.body));
  return proof;
}
