import { detailsType, type TaskId } from '@ambit/protocol';
import * as oauth from 'oauth4webapi';
import {
  type AuthorizationServer,
  allowInsecureRequests,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi';
import type { Bot, House } from '../../house.ts';

/** The plane listens on loopback without TLS here; a client of the outside world would never be told this. */
export const insecure = { [allowInsecureRequests]: true } as const;

/**
 * An agent whose every OAuth step is taken by a library that knows nothing of Ambit: what it cannot do with the
 * standards alone, no other client could do either.
 */
export type IndependentClient = {
  readonly as: AuthorizationServer;
  readonly client: oauth.Client;
  readonly authentication: oauth.ClientAuth;
  readonly dpop: oauth.DPoPHandle;
  /** The registered key, for assertions by hand. */
  readonly key: oauth.CryptoKey;
  readonly kid: string;
  readonly proofKeys: oauth.CryptoKeyPair;
  /** A token by client_credentials; without a task it speaks to the plane alone. */
  token(task?: TaskId): Promise<string>;
  request(token: string, method: string, path: string, body?: string): Promise<Response>;
  /** Accepts the task and answers its token. */
  accept(task: TaskId): Promise<string>;
};

export async function discover(house: House): Promise<AuthorizationServer> {
  const issuer = new URL(house.plane.agents);
  return processDiscoveryResponse(issuer, await discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }));
}

export async function independentClient(house: House, bot: Bot): Promise<IndependentClient> {
  const as = await discover(house);
  const client: oauth.Client = { client_id: bot.id };
  const { key, kid } = await signingKey(bot);
  const authentication = oauth.PrivateKeyJwt({ key, kid });
  const proofKeys = await oauth.generateKeyPair('ES256', { extractable: true });
  const dpop = oauth.DPoP(client, proofKeys);
  const made: IndependentClient = {
    as,
    client,
    authentication,
    dpop,
    key,
    kid,
    proofKeys,
    async token(task) {
      const parameters = task === undefined ? {} : { authorization_details: taskDetails(task) };
      const response = await oauth.clientCredentialsGrantRequest(as, client, authentication, parameters, {
        DPoP: dpop,
        ...insecure,
      });
      return (await oauth.processClientCredentialsResponse(as, client, response)).access_token;
    },
    request(token, method, path, body) {
      const url = new URL(path, house.plane.agents);
      const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
      return oauth.protectedResourceRequest(token, method, url, headers, body, { DPoP: dpop, ...insecure });
    },
    async accept(task) {
      const response = await made.request(await made.token(), 'POST', `/v1/agent/tasks/${task}/accept`);
      if (!response.ok) throw new Error(`not accepted: ${await response.text()}`);
      return made.token(task);
    },
  };
  return made;
}

export const taskDetails = (task: string): string => JSON.stringify([{ type: detailsType.task, identifier: task }]);

/** The bot's registered key as the platform's own, and its thumbprint, which is how the plane names it. */
export async function signingKey({ key: jwk }: Bot): Promise<{ key: oauth.CryptoKey; kid: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']);
  const { crv, kty, x, y } = jwk as { crv: string; kty: string; x: string; y: string };
  return { key, kid: await digest(JSON.stringify({ crv, kty, x, y })) };
}

export async function thumbprintOf(publicKey: oauth.CryptoKey): Promise<string> {
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  return digest(JSON.stringify({ crv, kty, x, y }));
}

async function digest(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('base64url');
}

/** The members of an error answer of an OAuth endpoint, as the standards name them. */
export type ErrorAnswer = { readonly status: number; readonly error: string; readonly error_description: string };

/** What the library makes of a refused answer; a success fails the test that expected a refusal. */
export async function refusalOf(asking: Promise<unknown>): Promise<ErrorAnswer> {
  try {
    await asking;
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) {
      return { status: error.status, error: error.error, error_description: error.error_description ?? '' };
    }
    throw error;
  }
  throw new Error('it was not refused');
}
