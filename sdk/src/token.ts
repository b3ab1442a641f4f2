import {
  type AgentId,
  type Authority,
  assertionType,
  detailsType,
  grantType,
  mediaType,
  parameter,
  type TaskId,
  tokenType,
  utf8,
} from '@ambit/protocol';
import { assertionOf } from './enrol-key.ts';
import type { Self } from './self.ts';
import { signAssertion } from './wire/assertion.ts';
import { readAnswer } from './wire/read-answer.ts';
import { type Renewed, renewed } from './wire/renewed.ts';
import { send } from './wire/wire.ts';

/** An access token (RFC 6749 §1.4), of no use without the proof key or certificate it is bound to. */
export type Token = {
  readonly text: string;
  /** Epoch milliseconds, by the clock of this process. */
  readonly expiresAt: number;
};

const assertionSeconds = 60;
const earlyMillisecondsMax = 30_000;

/**
 * Keeps a token in use: that of a task, or for `null` the one that speaks to the plane alone. With `resource` it is for
 * the API there (RFC 8707 §2), which verifies tokens itself.
 */
export function keepToken(self: Self, task: TaskId | null, first?: Token, resource?: string): Renewed<Token> {
  const { clock } = self.wire;
  // Short-lived tokens are renewed in their last third.
  const begun = new WeakMap<Token, number>();
  const lifeOf = (token: Token) => token.expiresAt - (begun.get(token) ?? token.expiresAt);
  return renewed({
    clock,
    first,
    async make() {
      const at = clock();
      const token = await requestToken(self, task, resource);
      begun.set(token, at);
      return token;
    },
    earlyMilliseconds: (token) => Math.min(earlyMillisecondsMax, lifeOf(token) / 3),
  });
}

/** RFC 6749 §4.4: with `private_key_jwt` (RFC 7523 §2.2) and DPoP (RFC 9449 §5), or over mutual TLS (RFC 8705 §2). */
async function requestToken(self: Self, task: TaskId | null, resource: string | undefined): Promise<Token> {
  const details = task === null ? undefined : [{ type: detailsType.task, identifier: task }];
  const { token } = await askForToken(self, {
    [parameter.grantType]: grantType.clientCredentials,
    ...(details && { [parameter.authorizationDetails]: JSON.stringify(details) }),
    ...(resource !== undefined && { [parameter.resource]: resource }),
  });
  return token;
}

export type Exchange = {
  /** The token of the task that is delegated from. */
  readonly subject: string;
  /** What the other agent signed; left out where an agent narrows for itself. */
  readonly actorToken: string | undefined;
  readonly authority: Authority;
  readonly purpose: string;
  readonly ttlSeconds: number | undefined;
  readonly delegates: readonly AgentId[] | undefined;
};

/** RFC 8693 §2.1: part of a task for another agent. */
export function exchangeToken(self: Self, exchange: Exchange) {
  const { subject, actorToken, authority, purpose, ttlSeconds, delegates } = exchange;
  return askForToken(self, {
    [parameter.grantType]: grantType.tokenExchange,
    [parameter.subjectToken]: subject,
    [parameter.subjectTokenType]: tokenType.accessToken,
    ...(actorToken !== undefined && {
      [parameter.actorToken]: actorToken,
      [parameter.actorTokenType]: tokenType.jwt,
    }),
    [parameter.authorizationDetails]: JSON.stringify(authority),
    ambit_purpose: purpose,
    ...(ttlSeconds !== undefined && { ambit_ttl_seconds: String(ttlSeconds) }),
    ...(delegates !== undefined && { ambit_delegates: delegates.join(' ') || 'none' }),
  });
}

type TokenAnswer = {
  readonly access_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly authorization_details?: readonly unknown[];
  readonly mission_id?: TaskId;
  /** Epoch seconds. */
  readonly mission_expires_at?: number;
};

async function askForToken(self: Self, parameters: Readonly<Record<string, string>>) {
  const { wire, agent, proofKey } = self;
  const now = wire.clock();
  const form = new URLSearchParams({
    ...parameters,
    [parameter.clientId]: agent,
    ...(proofKey !== null && (await assertionBy(self))),
  });
  const response = await send(wire, proofKey, {
    method: 'POST',
    path: '/oauth/token',
    headers: { 'content-type': mediaType.form },
    body: new Uint8Array(utf8(form.toString())),
  });
  const answer = await readAnswer<TokenAnswer>(response);
  return { answer, token: { text: answer.access_token, expiresAt: now + answer.expires_in * 1000 } };
}

/** RFC 7521 §4.2. Who comes with a certificate sends its name and nothing else. */
async function assertionBy(self: Self): Promise<Record<string, string>> {
  const { wire, agent, workload, key, confirmation, issuer } = self;
  if (workload !== null) return assertionOf(workload);
  const about = { subject: agent, audience: await issuer(), now: wire.clock(), lifeSeconds: assertionSeconds };
  return {
    [parameter.clientAssertionType]: assertionType.jwtBearer,
    [parameter.clientAssertion]: await signAssertion(await key(), { ...about, confirmation }),
  };
}
