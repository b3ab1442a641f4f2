import { capacityOf, refusalRow } from '@ambit/protocol';
import {
  type AgentCaller,
  type PeerCertificate,
  planeItself,
  type RawRequest,
  Refusal,
  refuse,
  span,
} from '../foundation/index.ts';
import { accessTokenHash, onlyHeader, proofHeader, signingAlgs, verifyProof } from '../identity/index.ts';
import { AuthenticatedCaller } from './authenticated-caller.ts';
import { type Issuer, metadataOf, originOf, planeAudience, taskAudience } from './issuer.ts';
import type { VerifiedToken } from './token.ts';
import { verifyToken } from './verify-token.ts';

/** The signed half of a request: what `verify` needs, before any body has been read. */
export type Credentials = Pick<RawRequest, 'method' | 'url' | 'rawHeaders' | 'tls'> & {
  /** Where the agent sent the request, if not here: the proxy in front of another API says so. */
  readonly origin?: string;
};

/** What the token has to be for: a task, or the plane's own API. */
export type TokenFor = 'task' | 'plane';

/** Pure: signature, audience, times and key binding. It reads no store and writes nothing. */
export function verify(
  issuer: Issuer,
  credentials: Credentials,
  now: number,
  { tokenFor, channel }: { readonly tokenFor: TokenFor; readonly channel: string },
): AuthenticatedCaller {
  return span('tokens/verify', () => {
    const authorization = onlyHeader(credentials.rawHeaders, 'authorization');
    try {
      return proved(issuer, credentials, authorization, now, tokenFor, channel);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw challenged(error, schemeAsked(error, authorization, credentials.tls), metadataOf(issuer, tokenFor));
    }
  });
}

function proved(
  issuer: Issuer,
  credentials: Credentials,
  authorization: string | undefined,
  now: number,
  tokenFor: TokenFor,
  channel: string,
): AuthenticatedCaller {
  const { scheme, text } = tokenText(authorization);
  const ath = accessTokenHash(text);
  const audience = tokenFor === 'task' ? taskAudience(issuer) : planeAudience(issuer);
  const token = verifyToken(text, { keys: issuer.keys(), issuer: issuer.url, audience, now }, ath);
  if (token.x5t !== null) {
    const jkt = keyOfCertificate(token, scheme, credentials.tls?.certificate ?? null, now);
    return new AuthenticatedCaller(callerOf(token, jkt, 'mtls', channel), token, null);
  }
  if (scheme === 'bearer') throw refuse('token.bearer_refused', 'a token of a key came under the Bearer scheme');
  const url = `${credentials.origin ?? originOf(issuer, credentials.tls)}${credentials.url}`;
  const proof = verifyProof(proofHeader(credentials.rawHeaders), { method: credentials.method, url, now, ath });
  // RFC 9449 §6.1: a token without the key it is bound to is a text like any other.
  if (proof.jkt !== token.jkt) throw refuse('token.other_key', `token ${token.id} is bound to another key`);
  return new AuthenticatedCaller(callerOf(token, proof.jkt, 'dpop', channel), token, proof);
}

/**
 * RFC 8705 §3: the token is good with its certificate only, and that is the one of this very connection: what a header
 * says of certificates is nobody's word here.
 */
function keyOfCertificate(
  { id, x5t }: VerifiedToken,
  scheme: Scheme,
  certificate: PeerCertificate | null,
  now: number,
): string {
  if (certificate === null) throw refuse('token.certificate_missing', `token ${id} came without a certificate`);
  if (certificate.thumbprint !== x5t) {
    throw refuse('token.other_certificate', `token ${id} is bound to another certificate`);
  }
  if (scheme !== 'bearer') throw refuse('token.other_certificate', `token ${id} came under the DPoP scheme`);
  if (now >= certificate.notAfter) throw refuse('token.other_certificate', `the certificate of ${id} has expired`);
  return certificate.keyThumbprint;
}

type Scheme = 'dpop' | 'bearer';

function tokenText(authorization: string | undefined): { readonly scheme: Scheme; readonly text: string } {
  if (authorization === undefined) throw refuse('token.missing', 'no Authorization header came');
  const text = /^(?:DPoP|Bearer) ([A-Za-z0-9._-]{1,8192})$/i.exec(authorization)?.[1];
  if (text === undefined) throw refuse('token.missing', 'the Authorization header is not DPoP or Bearer and one token');
  return { scheme: /^d/i.test(authorization) ? 'dpop' : 'bearer', text };
}

function callerOf(token: VerifiedToken, jkt: string, proof: 'dpop' | 'mtls', channel: string): AgentCaller {
  return {
    kind: 'agent',
    tenant: token.tenant,
    agent: token.agent,
    jkt,
    agentKey: token.agentKey,
    token: token.id,
    task: token.task,
    who: {
      ...planeItself,
      requester: token.requester,
      agent: token.agent,
      kind: token.kind,
      ...(token.task === null ? {} : { capacity: capacityOf(token.requester) }),
      initiator: token.agent,
      instance: jkt,
      channel,
      proof,
    },
  };
}

const ofCertificate: ReadonlySet<string> = new Set(['token.certificate_missing', 'token.other_certificate']);

/** The scheme under which the caller would have to come with that token. */
function schemeAsked({ code }: Refusal, authorization: string | undefined, tls: Credentials['tls']): TokenScheme {
  if (ofCertificate.has(code)) return 'Bearer';
  const cameAsBearer = authorization?.toLowerCase().startsWith('bearer ');
  return cameAsBearer && tls !== null && code !== 'token.bearer_refused' ? 'Bearer' : 'DPoP';
}

/** RFC 9449 §7.1 for a key, RFC 6750 §3 for a certificate. */
export type TokenScheme = 'DPoP' | 'Bearer';

export const schemeOf = ({ who }: Pick<AgentCaller, 'who'>): TokenScheme =>
  who.proof === 'mtls' || who.proof === 'template-key' ? 'Bearer' : 'DPoP';

/**
 * The same refusal with the challenge that a 401 must carry (RFC 9110 §11.6.1), and a 403 for want of authority may
 * (RFC 6750 §3.1). `metadata` is where the resource is described (RFC 9728 §5.1).
 */
export function challenged(refusal: Refusal, scheme: TokenScheme, metadata: string): Refusal {
  const { status } = refusalRow(refusal.code);
  const error = errorOf(refusal);
  if (error === null || refusal.headers['www-authenticate'] !== undefined) return refusal;
  const parameters = [
    // RFC 6750 §3.1: who sent nothing hears no error, unless there is no other word.
    ...(refusal.code === 'token.missing' && scheme === 'DPoP' ? [] : [`error="${error}"`]),
    ...(refusal.code === 'authentication.too_old' ? stepUpOf(refusal) : []),
    ...(status === 403 ? [`error_description="${quotable(refusal.says)}"`] : []),
    ...(scheme === 'DPoP' ? [`algs="${signingAlgs.join(' ')}"`] : []),
    `resource_metadata="${metadata}"`,
  ];
  const challenge = { 'www-authenticate': `${scheme} ${parameters.join(', ')}` };
  return refusal.with({ headers: challenge });
}

/** The word of RFC 6750 §3.1 or RFC 9449 §7.1 for it; null where a challenge would lead nowhere. */
function errorOf({ code }: Refusal): string | null {
  const { status, oauth } = refusalRow(code);
  if (status === 403) return oauth === 'insufficient_scope' ? oauth : null;
  if (status !== 401) return null;
  // All else that is wrong with a token is `invalid_token`.
  return oauth === 'invalid_dpop_proof' || oauth === 'insufficient_user_authentication' ? oauth : 'invalid_token';
}

/** RFC 9470 §3: how well, and how lately, the person would have to be authenticated. */
const stepUpOf = ({ members: { acr_values, max_age } }: Refusal) => [
  ...(acr_values === undefined ? [] : [`acr_values="${acr_values}"`]),
  `max_age="${max_age}"`,
];

/** RFC 6750 §3: what may stand in `error_description`. */
const quotable = (text: string): string => text.replaceAll('"', "'").replaceAll(/[^ -[\]-~]/g, '?');
