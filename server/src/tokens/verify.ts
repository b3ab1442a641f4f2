import { refusalRow } from '@ambit/protocol';
import {
  type AgentCaller,
  type Change,
  planeItself,
  type RawRequest,
  Refusal,
  refuse,
  span,
} from '../foundation/index.ts';
import {
  accessTokenHash,
  onlyHeader,
  type Proof,
  proofHeader,
  signingAlgs,
  spendProof,
  verifyProof,
} from '../identity/index.ts';
import { type Issuer, planeAudience, taskAudience } from './issuer.ts';
import type { VerifiedToken } from './token.ts';
import { verifyToken } from './verify-token.ts';

/** The signed half of a request: what `verify` needs, before any body has been read. */
export type Credentials = Pick<RawRequest, 'method' | 'url' | 'rawHeaders'> & {
  /** Where the agent sent the request, if not here: the proxy in front of another API says so. */
  readonly origin?: string;
};

/**
 * Evidence that a request came with a token of ours and a fresh proof by the key the token is bound to. Only `verify`
 * makes one, which is why other files see its type only. The proof is not spent yet: `spend` goes into the unit that
 * relies on it, and `requireAlive` says whether the token still stands.
 */
class AuthenticatedCaller {
  readonly #verified = true;
  readonly caller: AgentCaller;
  readonly token: VerifiedToken;
  readonly proof: Proof;

  constructor(caller: AgentCaller, token: VerifiedToken, proof: Proof) {
    this.caller = caller;
    this.token = token;
    this.proof = proof;
  }

  /** INVARIANT (replay): whoever admits, parks or refuses the request has this in the same unit. */
  get spend(): Change {
    return spendProof(this.proof);
  }

  get isVerified(): true {
    return this.#verified;
  }
}

export type { AuthenticatedCaller };

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
    try {
      return proved(issuer, credentials, now, tokenFor, channel);
    } catch (error) {
      throw error instanceof Refusal ? challenged(error) : error;
    }
  });
}

function proved(
  issuer: Issuer,
  credentials: Credentials,
  now: number,
  tokenFor: TokenFor,
  channel: string,
): AuthenticatedCaller {
  const text = tokenText(onlyHeader(credentials.rawHeaders, 'authorization'));
  const ath = accessTokenHash(text);
  const audience = tokenFor === 'task' ? taskAudience(issuer) : planeAudience(issuer);
  const token = verifyToken(text, { keys: issuer.keys(), issuer: issuer.url, audience, now }, ath);
  const url = `${credentials.origin ?? issuer.url}${credentials.url}`;
  const proof = verifyProof(proofHeader(credentials.rawHeaders), { method: credentials.method, url, now, ath });
  // RFC 9449 §6.1: a token without the key it is bound to is a text like any other.
  if (proof.jkt !== token.jkt) throw refuse('token.other_key', `token ${token.id} is bound to another key`);
  return new AuthenticatedCaller(callerOf(token, proof, channel), token, proof);
}

function tokenText(authorization: string | undefined): string {
  if (authorization === undefined) throw refuse('token.missing', 'no Authorization header came');
  if (/^bearer /i.test(authorization)) throw refuse('token.bearer_refused', 'a token came under the Bearer scheme');
  const text = /^DPoP ([A-Za-z0-9._-]{1,8192})$/i.exec(authorization)?.[1];
  if (text === undefined) throw refuse('token.missing', 'the Authorization header is not DPoP and one token');
  return text;
}

function callerOf(token: VerifiedToken, proof: Proof, channel: string): AgentCaller {
  return {
    kind: 'agent',
    tenant: token.tenant,
    agent: token.agent,
    jkt: token.jkt,
    agentKey: token.agentKey,
    token: token.id,
    task: token.task,
    who: {
      ...planeItself,
      requester: token.requester,
      agent: token.agent,
      initiator: token.agent,
      instance: proof.jkt,
      channel,
      proof: 'dpop',
    },
  };
}

/** The same refusal with the challenge that a 401 must carry (RFC 9110 §11.6.1, RFC 9449 §7.1). */
export function challenged(refusal: Refusal): Refusal {
  const { status, oauth } = refusalRow(refusal.code);
  if (status !== 401) return refusal;
  // RFC 6750 §3.1: who sent nothing hears no error; all else that is wrong with a token is `invalid_token`.
  const name = oauth === 'invalid_dpop_proof' ? oauth : 'invalid_token';
  const error = refusal.code === 'token.missing' ? '' : `error="${name}", `;
  const challenge = `DPoP ${error}algs="${signingAlgs.join(' ')}"`;
  return new Refusal(refusal.code, refusal.because, refusal.says, {
    ...refusal.headers,
    'www-authenticate': challenge,
  });
}
