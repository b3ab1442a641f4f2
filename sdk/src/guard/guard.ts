import {
  type Authority,
  covers,
  header,
  type JsonValue,
  jwtType,
  parseId,
  type TenantId,
  toBase64Url,
} from '@ambit/protocol';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { sha256 } from '../wire/jws.ts';
import { callArguments } from './call-arguments.ts';
import { type Caller, type ReadToken, readToken } from './caller.ts';
import { checkProof, proofAlgs } from './check-proof.ts';
import { type ExpressHandler, type ExpressRequest, expressGuard } from './frameworks/express.ts';
import { type FastifyHandler, type FastifyRequest, fastifyGuard } from './frameworks/fastify.ts';
import { type HonoContext, type HonoHandler, honoGuard } from './frameworks/hono.ts';
import { type Answered, answerTo, GuardRefusal } from './guard-refusal.ts';
import type { Incoming } from './incoming.ts';
import { publishedKeys } from './published-keys.ts';
import { type Spending, spentProofs } from './spent-proofs.ts';
import { statusLists } from './status-lists.ts';

export type Guarding = {
  /** Origin of the agents’ listener of the plane, which issues the tokens, e.g. `https://gateway.ambit.example`. */
  readonly issuer: string;
  /** Public address of this API as the catalog has it, e.g. `https://payments.example/v2`: the audience of its tokens. */
  readonly resource: string;
  /** Whose agents may call. */
  readonly tenant: TenantId;
  /** How many agents a chain may have, the calling one included; 5 unless said. */
  readonly actorsMax?: number;
  /** How far clocks may differ, in seconds; 5 unless said. A token counts that much longer than it says. */
  readonly skewSeconds?: number;
  /** How old a proof may be, in seconds; 60 unless said. */
  readonly proofSecondsMax?: number;
  /** Where used proofs are remembered; in this process unless said. */
  readonly spend?: Spending;
  /** Hears of every request that is refused, and why: the log of this API. */
  readonly refused?: (refusal: GuardRefusal, request: Pick<Incoming, 'method' | 'url'>) => void;
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
};

/** What one route needs. */
export type Rule<R = never> = {
  /** The action of the catalog that the route is, e.g. `payments:refunds.create`. */
  readonly action: string;
  /** Arguments under the names of grants where they differ from path, query and body as the framework reads them. */
  readonly arguments?: (request: R) => Readonly<Record<string, JsonValue>>;
  /** RFC 9470: how the person behind the task must have proved themselves, one of these; and how long ago at most. */
  readonly acrValues?: readonly string[];
  readonly maxAgeSeconds?: number;
};

type Verdict = { readonly caller: Caller } | { readonly answer: Answered };

export type Guard = {
  /** `app.post('/refunds', guard.express({ action: 'payments:refunds.create' }), handler)`, behind `express.json()`. */
  readonly express: (rule: Rule<ExpressRequest>) => ExpressHandler;
  /** `app.post('/refunds', { preHandler: guard.fastify({ action: 'payments:refunds.create' }) }, handler)`. */
  readonly fastify: (rule: Rule<FastifyRequest>) => FastifyHandler;
  /** `app.post('/refunds', guard.hono({ action: 'payments:refunds.create' }), handler)`. */
  readonly hono: (rule: Rule<HonoContext>) => HonoHandler;
  /** Who calls: of the request of Express and Fastify, or the context of Hono, that a guard let pass. Throws where none did. */
  readonly callerOf: (request: object) => Caller;
  /** For other frameworks: the caller, or what to answer. `given` are arguments that `rule.arguments` would name. */
  readonly check: (rule: Rule, incoming: Incoming, given?: Readonly<Record<string, JsonValue>>) => Promise<Verdict>;
  /** RFC 9728: what to serve at `metadataPath`, where challenges point to. */
  readonly metadata: object;
  readonly metadataPath: string;
};

/** What the plane signs tokens with. Named here, so that no token names it (RFC 8725 §3.1). */
const tokenAlgs = ['ES256'];
const fetchSecondsMax = 5;
const tokenLengthMax = 16_384;

/** A guard for one API. Asks nothing yet; throws `TypeError` for addresses and ids that are none. */
export function createGuard(guarding: Guarding): Guard {
  const { tenant, refused, clock = Date.now } = guarding;
  const { skewSeconds = 5, proofSecondsMax = 60, actorsMax = 5 } = guarding;
  const issuer = plainAddress(guarding.issuer, 'issuer');
  const resource = plainAddress(guarding.resource, 'resource');
  if (new URL(issuer).origin !== issuer) throw new TypeError(`issuer must be an origin, not ${issuer}`);
  if (parseId('tenant', tenant) === undefined) throw new TypeError(`tenant must be the id of a tenant, not ${tenant}`);
  const fetching = { fetch: guarding.fetch ?? globalThis.fetch, secondsMax: fetchSecondsMax };
  const keys = publishedKeys(issuer, fetching, clock);
  const requireStatus = statusLists({ issuer, keys, fetching, clock, skewSeconds, tokenAlgs });
  const spend = guarding.spend ?? spentProofs(clock);
  const { origin, pathname } = new URL(resource);
  // RFC 9728 §3.1: the well-known part goes between host and path.
  const metadataPath = `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
  const callers = new WeakMap<object, Caller>();

  async function verifiedClaims(token: string): Promise<JWTPayload> {
    try {
      const key = await keys.keyFor(decodeProtectedHeader(token).kid);
      const { payload } = await jwtVerify(token, key, {
        typ: jwtType.accessToken,
        algorithms: tokenAlgs,
        issuer,
        currentDate: new Date(clock()),
        clockTolerance: skewSeconds,
        requiredClaims: ['exp', 'iat', 'sub', 'aud'],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new GuardRefusal('token.expired', error.message, askAgain);
      if (error instanceof errors.JOSEError || error instanceof TypeError)
        throw new GuardRefusal('token.invalid', error.message, askAgain);
      throw error;
    }
  }

  const askAgain = `Ask for a new token at the token endpoint of ${issuer}, with resource=${resource}.`;

  async function readIncoming(incoming: Incoming): Promise<{ readonly read: ReadToken; readonly text: string }> {
    const { scheme, text } = tokenOf(incoming.authorization);
    const claims = await verifiedClaims(text);
    // RFC 9068 §4, RFC 8707: one audience, this API, and no list in which others hide.
    if (claims.aud !== resource)
      throw new GuardRefusal('token.wrong_audience', `aud is ${JSON.stringify(claims.aud)}`, askAgain);
    if (Number(claims.iat) * 1000 > clock() + skewSeconds * 1000)
      throw new GuardRefusal('token.invalid', 'the token is from the future', askAgain);
    const read = readToken(claims, { issuer, tenant, actorsMax });
    if (read.binding.by === 'key' && scheme !== 'dpop')
      throw new GuardRefusal('token.bearer_refused', 'a token bound to a key came as a bearer token');
    return { read, text };
  }

  /** RFC 9449 §7.1, RFC 8705 §3: the caller has what the token is bound to. A proof counts once. */
  async function requireBinding({ binding }: ReadToken, text: string, incoming: Incoming): Promise<void> {
    if (binding.by === 'certificate') {
      const shown = incoming.certificate;
      if (shown !== undefined && toBase64Url(await sha256(shown)) === binding.thumbprint) return;
      throw new GuardRefusal(
        'guard.other_certificate',
        shown === undefined ? 'no certificate was shown' : 'another certificate was shown',
      );
    }
    const { jti, expiresAt } = await checkProof(incoming.proofs, {
      method: incoming.method,
      url: `${origin}${incoming.url}`,
      token: text,
      jkt: binding.jkt,
      now: clock(),
      ageSecondsMax: proofSecondsMax,
      skewSeconds,
    });
    if (!(await spend(`${binding.jkt} ${jti}`, expiresAt)))
      throw new GuardRefusal('proof.replayed', `jti ${jti} came before`);
  }

  async function judged(rule: Rule, incoming: Incoming, own: Readonly<Record<string, JsonValue>>): Promise<Caller> {
    if (!incoming.url.startsWith('/')) throw new GuardRefusal('proof.invalid', 'the target of the request is no path');
    const { read, text } = await readIncoming(incoming);
    await requireBinding(read, text, incoming);
    await requireStatus(read.status);
    requireStepUp(rule, read, clock());
    const { authority } = read.caller;
    const looksAtArguments = authority.some(
      ({ actions, where }) => where !== undefined && actions.includes(rule.action),
    );
    const given = looksAtArguments ? callArguments(await incoming.given()) : new Map<string, JsonValue>();
    for (const [name, value] of Object.entries(own)) given.set(name, value);
    requireCovered(authority, rule.action, given);
    return read.caller;
  }

  const check: Guard['check'] = async (rule, incoming, own = {}) => {
    try {
      return { caller: await judged(rule, incoming, own) };
    } catch (error) {
      if (!(error instanceof GuardRefusal)) throw error;
      refused?.(error, { method: incoming.method, url: incoming.url });
      return { answer: answerTo(error, schemeFor(error, incoming), `${origin}${metadataPath}`, proofAlgs.join(' ')) };
    }
  };

  const passing = { check, passed: (request: object, caller: Caller) => void callers.set(request, caller) };
  return {
    express: (rule) => expressGuard(passing, rule),
    fastify: (rule) => fastifyGuard(passing, rule),
    hono: (rule) => honoGuard(passing, rule),
    callerOf(request) {
      const caller = callers.get(request);
      if (caller === undefined) throw new Error('No guard let this request pass: put one before its handler.');
      return caller;
    },
    check,
    metadata: {
      resource,
      authorization_servers: [issuer],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: proofAlgs,
      authorization_details_types_supported: ['ambit_grant'],
    },
    metadataPath,
  };
}

/** What the guards of frameworks are made of. */
export type Passing = Pick<Guard, 'check'> & { readonly passed: (request: object, caller: Caller) => void };

/** An address as tokens have it: canonical, without query, fragment or a slash at its end; https, or http on loopback. */
function plainAddress(text: string, name: string): string {
  const url = URL.parse(text);
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url?.hostname ?? '');
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback);
  if (url !== null && isSafe && `${url.origin}${url.pathname.replace(/\/$/, '')}` === text) return text;
  throw new TypeError(
    `${name} must be an https address such as https://payments.example/v2 (http on loopback only), not ${text}`,
  );
}

/** RFC 8705 §3: tokens bound to a certificate are bearer tokens by name; all else here is asked for under DPoP. */
const schemeFor = ({ code }: GuardRefusal, { authorization }: Incoming): 'DPoP' | 'Bearer' =>
  code !== 'token.bearer_refused' && /^bearer /i.test(authorization[0] ?? '') ? 'Bearer' : 'DPoP';

function tokenOf(authorization: readonly string[]): { readonly scheme: string; readonly text: string } {
  const [only] = authorization;
  if (authorization.length !== 1 || only === undefined)
    throw new GuardRefusal('token.missing', `${authorization.length} ${header.authorization} headers came`);
  const [, scheme = '', text = ''] = /^(DPoP|Bearer) ([A-Za-z0-9._-]+)$/i.exec(only) ?? [];
  if (text === '' || text.length > tokenLengthMax)
    throw new GuardRefusal('token.missing', 'the header is not DPoP or Bearer and one token');
  return { scheme: scheme.toLowerCase(), text };
}

/** RFC 9470 §3. What a token does not say about the person does not hold. */
function requireStepUp({ acrValues, maxAgeSeconds }: Rule, { acr, authTime }: ReadToken, now: number): void {
  const hasAcr = acrValues === undefined || (acr !== null && acrValues.includes(acr));
  const isRecent = maxAgeSeconds === undefined || (authTime !== null && now - authTime <= maxAgeSeconds * 1000);
  if (hasAcr && isRecent) return;
  throw new GuardRefusal('guard.step_up', `acr is ${acr}, auth_time ${authTime}`, undefined, {
    ...(acrValues !== undefined && { acr_values: acrValues.join(' ') }),
    ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
  });
}

/**
 * INVARIANT (nothing uncounted): a grant with limits or asks passes nothing here, since nobody here counts or asks; where
 * only such a grant covers the call, the caller hears to take it through the gateway.
 */
function requireCovered(authority: Authority, action: string, given: ReadonlyMap<string, JsonValue>): void {
  const call = { action, arguments: given };
  const isPlain = ({ limits = [], asks = [] }: Authority[number]) => limits.length === 0 && asks.length === 0;
  const verdict = covers(authority.filter(isPlain), call);
  if (verdict.covered) return;
  const bounded = authority.filter((grant) => !isPlain(grant)).map(({ limits: _, asks: __, ...grant }) => grant);
  if (covers(bounded, call).covered)
    throw new GuardRefusal('guard.needs_gateway', `the grant for ${action} has limits or asks`);
  const said = covers(bounded.length > 0 && verdict.why.kind === 'action' ? bounded : authority.filter(isPlain), call);
  throw new GuardRefusal('guard.not_covered', said.covered ? action : said.says, said.covered ? undefined : said.says);
}
