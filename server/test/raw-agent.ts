import { createHash, randomUUID } from 'node:crypto';
import { assertionType, detailsType, grantType, proofClaim, type TaskId, tokenType } from '@ambit/protocol';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { Bot, House } from './house.ts';

type Signer = Parameters<SignJWT['sign']>[0];

/** An agent written out by hand, so that an attack can leave out, repeat or forge any part of it. */
export type RawAgent = {
  readonly bot: Bot;
  /** Public half of the key that signs the proofs. */
  readonly jwk: JWK;
  readonly jkt: string;
  assertion(claims?: Record<string, unknown>): Promise<string>;
  proof(method: string, url: string, more?: ProofParts): Promise<string>;
  /** A form to the token endpoint; answers the raw response. */
  tokenRequest(form: Record<string, string>, more?: { readonly proof?: string }): Promise<Response>;
  /** A token for the plane's own API. */
  agentToken(): Promise<string>;
  /** Accepts the task and answers its token. */
  accept(task: TaskId): Promise<string>;
  taskToken(task: TaskId): Promise<string>;
  /** A call through the gateway, proof and all. */
  call(token: string, method: string, path: string, more?: CallParts): Promise<Response>;
  /** A request to the plane's own agents' API. */
  api(token: string, method: string, path: string, body?: unknown): Promise<Response>;
  actorToken(more?: Record<string, unknown>): Promise<string>;
};

export type ProofParts = {
  readonly token?: string;
  readonly body?: string | Uint8Array;
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
};

export type CallParts = {
  readonly body?: unknown;
  readonly rawBody?: string;
  readonly contentType?: string;
  readonly headers?: Record<string, string>;
  readonly proof?: string;
  readonly signal?: AbortSignal;
};

/** @param at where it sends to, if not to the origin that everybody knows: one of the nodes behind it. */
export async function rawAgent(
  house: Pick<House, 'plane'>,
  bot: Bot,
  at: () => string = () => house.plane.agents,
): Promise<RawAgent> {
  const agentKey = (await importJWK(bot.key as unknown as JWK, 'ES256')) as Signer;
  const { d: _d, ...publicHalf } = bot.key as unknown as JWK;
  const kid = await calculateJwkThumbprint(publicHalf);
  const proofPair = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(proofPair.publicKey);
  const jkt = await calculateJwkThumbprint(jwk);
  const now = () => Math.floor(Date.now() / 1000);
  const origin = () => house.plane.agents;

  const agent: RawAgent = {
    bot,
    jwk,
    jkt,
    assertion: (claims = {}) =>
      new SignJWT({
        iss: bot.id,
        sub: bot.id,
        aud: origin(),
        iat: now(),
        exp: now() + 60,
        jti: randomUUID(),
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', kid })
        .sign(agentKey),
    proof(method, url, { token, body, claims = {}, header = {} } = {}) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      return new SignJWT({
        htm: method,
        htu: url.split(/[?#]/)[0],
        iat: now(),
        jti: randomUUID(),
        ...(token === undefined ? {} : { ath: digest(Buffer.from(token)) }),
        ...(bytes === undefined || bytes.length === 0 ? {} : { [proofClaim.bodyDigest]: `sha-256:${digest(bytes)}` }),
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
        .sign(proofPair.privateKey);
    },
    async tokenRequest(form, more = {}) {
      const url = `${origin()}/oauth/token`;
      const full = {
        client_assertion_type: assertionType.jwtBearer,
        client_assertion: await agent.assertion(),
        ...form,
      };
      const body = new URLSearchParams(full).toString();
      const proof = more.proof ?? (await agent.proof('POST', url, { body }));
      const headers = { 'content-type': 'application/x-www-form-urlencoded', dpop: proof };
      return fetch(`${at()}/oauth/token`, { method: 'POST', headers, body });
    },
    agentToken: async () => tokenOf(await agent.tokenRequest({ grant_type: grantType.clientCredentials })),
    taskToken: async (task) =>
      tokenOf(
        await agent.tokenRequest({
          grant_type: grantType.clientCredentials,
          authorization_details: JSON.stringify([{ type: detailsType.task, identifier: task }]),
        }),
      ),
    async accept(task) {
      const response = await agent.api(await agent.agentToken(), 'POST', `/v1/agent/tasks/${task}/accept`);
      if (!response.ok) throw new Error(`not accepted: ${await response.text()}`);
      return agent.taskToken(task);
    },
    async call(
      token,
      method,
      path,
      { body, rawBody, contentType = 'application/json', headers = {}, proof, signal } = {},
    ) {
      const url = `${origin()}${path}`;
      const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
      const proved =
        proof ?? (await agent.proof(method, url, { token, ...(sent === undefined ? {} : { body: sent }) }));
      return fetch(`${at()}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          authorization: `DPoP ${token}`,
          dpop: proved,
          ...(sent === undefined ? {} : { 'content-type': contentType }),
          ...headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    api: (token, method, path, body) => agent.call(token, method, path, body === undefined ? {} : { body }),
    actorToken: (more = {}) => agent.assertion({ cnf: { jkt }, ...more }),
  };
  return agent;
}

/** RFC 8693: hands part of a task to another agent, which has given an actor token. */
export function exchangeForm(
  subjectToken: string,
  actorToken: string,
  authority: unknown,
  more: Record<string, string> = {},
) {
  return {
    grant_type: grantType.tokenExchange,
    subject_token: subjectToken,
    subject_token_type: tokenType.accessToken,
    actor_token: actorToken,
    actor_token_type: tokenType.jwt,
    authorization_details: JSON.stringify(authority),
    ambit_purpose: 'Look up the shipping state.',
    ...more,
  };
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url');

export async function tokenOf(response: Response): Promise<string> {
  const body = (await response.json()) as { access_token?: string };
  if (!response.ok || body.access_token === undefined)
    throw new Error(`no token: ${response.status} ${JSON.stringify(body)}`);
  return body.access_token;
}
