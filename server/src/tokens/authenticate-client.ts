import { type Ground, type RawRequest, Refusal } from '../foundation/index.ts';
import {
  type AuthenticatedAgent,
  authenticateAgent,
  bodyDigestOf,
  coversBody,
  onlyHeader,
  type Proof,
  proofHeader,
  verifyProof,
} from '../identity/index.ts';
import type { Issuer } from './issuer.ts';

/** A form that came to one of the OAuth endpoints, with the request that carried it. */
export type ClientRequest = { readonly parameters: Readonly<Record<string, string>>; readonly raw: RawRequest };

/** The agent behind a request to an OAuth endpoint. What it proved itself by is spent when this returns. */
export async function authenticateClient(
  ground: Ground,
  issuer: Pick<Issuer, 'url' | 'clients'>,
  { parameters, raw }: ClientRequest,
  proof: Proof | null,
): Promise<AuthenticatedAgent> {
  const authorization = onlyHeader(raw.rawHeaders, 'authorization');
  try {
    return await authenticateAgent(ground, issuer, { parameters, authorization, jkt: proof?.jkt ?? null });
  } catch (error) {
    throw error instanceof Refusal ? answeringScheme(error, authorization) : error;
  }
}

/** RFC 6749 §5.2: who tried the Authorization header is answered by a challenge of that scheme. */
function answeringScheme(refusal: Refusal, authorization = ''): Refusal {
  if (!/^basic /i.test(authorization)) return refusal;
  const challenge = { 'www-authenticate': 'Basic realm="agents log in without shared secrets"' };
  return new Refusal(refusal.code, refusal.because, refusal.says, { ...refusal.headers, ...challenge });
}

/** The DPoP proof of a request to the token endpoint: the key that signed it is what the token will be bound to. */
export function proofOfClient(issuer: Pick<Issuer, 'url'>, raw: RawRequest, now: number): Proof {
  const about = { method: raw.method, url: `${issuer.url}${raw.url}`, now };
  const proof = verifyProof(proofHeader(raw.rawHeaders), about);
  // Here the assertion covers what matters; a digest is compared where a client names one.
  if (proof.bodyDigest !== null) coversBody(proof, bodyDigestOf(raw.body));
  return proof;
}
