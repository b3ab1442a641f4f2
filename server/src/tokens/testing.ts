import { generateKeyPairSync, randomInt } from 'node:crypto';
import { type Authority, assertionType, grantType, type TaskId, tokenType } from '@ambit/protocol';
import {
  type HandClock,
  handClock,
  openTestDatabase,
  openTestStore,
  type TestStore,
} from '../foundation/database/testing.ts';
import { type AgentCaller, entry, type Ground, insert, type RawRequest } from '../foundation/index.ts';
import { type Agent, activateAgent, addAgentKey, privateKeyJwt, registerAgent } from '../identity/index.ts';
import {
  foundTenant,
  type Member,
  rawRequest,
  signAssertion,
  signProof,
  type TestKey,
  type TestTenant,
  testKey,
} from '../identity/testing.ts';
import { acceptTask, openTask, purposeTypes, type Task } from '../tasks/index.ts';
import { asAgent } from './as-agent.ts';
import type { ClientRequest } from './authenticate-client.ts';
import { clientCredentials } from './grants/client-credentials.ts';
import { exchangeToken } from './grants/token-exchange.ts';
import type { Issuer } from './issuer.ts';
import { openTokenKeys } from './keys.ts';
import type { EndsToken } from './revoke.ts';
import { revokeTokenRow, tokensFrom } from './store.ts';

const signingKey = (kid: string) => ({ kid, key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey });
export const testTokenKeys = (...kids: string[]) => openTokenKeys({ tokens: kids.map(signingKey) });

/** An agent as it runs: its registered key, and the key of this very instance. */
export type Bot = { readonly agent: Agent; readonly key: TestKey; readonly proofKey: TestKey };

export const orders: Authority = [
  { type: 'ambit_grant', actions: ['shop:orders.get', 'shop:shipments.get', 'shop:refunds.create'] },
];
export const lookUp: Authority = [{ type: 'ambit_grant', actions: ['shop:shipments.get'] }];
export const payroll: Authority = [{ type: 'ambit_grant', actions: ['shop:payroll.list'] }];

const everything: Authority = [{ type: 'ambit_grant', actions: [...orders[0]!.actions, ...payroll[0]!.actions] }];

/** One plane with one tenant: Ada administers, Alice asks, and her bots have their keys. */
export type TestPlane = {
  readonly ground: Ground & { readonly clock: HandClock };
  readonly issuer: { -readonly [K in keyof Issuer]: Issuer[K] };
  readonly home: TestTenant;
  readonly alice: Member;
  readonly close: () => Promise<void>;
  /** The same plane after its process ended and another one opened the store. */
  readonly restarted: () => Promise<TestPlane>;
  /** Another tenant on the same store. */
  readonly nextDoor: () => Promise<TestTenant>;
  readonly bot: (name: string, owner?: Member) => Promise<Bot>;
  readonly openFor: (bot: Bot, authority?: Authority, ttlSeconds?: number) => Promise<Task>;
};

// Opening a store costs more than most tests do: the tests of one file share one, each with a tenant of its own.
let shared: Promise<TestStore> | undefined;
const sharedStore = () => {
  shared ??= openTestStore();
  return shared;
};

/** Each file that calls `openPlane` closes what was shared: `after(closeShared)`. The next file in this process opens its own. */
export async function closeShared(): Promise<void> {
  const opened = shared;
  shared = undefined;
  await (await opened)?.close();
}

/** A plane with a tenant of its own, on the store of the test file. */
export async function openPlane(): Promise<TestPlane> {
  return foundPlane({ ...(await sharedStore()), close: async () => undefined });
}

/** A plane on a store of its own, for tests that restart it or need another clock. */
export async function openOwnPlane(clock = handClock()): Promise<TestPlane> {
  return foundPlane(await openTestStore(clock));
}

let founded = 0;

async function foundPlane({ ground, directory, close }: TestStore): Promise<TestPlane> {
  const keys = testTokenKeys('k1');
  const issuer = {
    url: 'https://ambit.example',
    trustDomain: 'acme.example',
    ttlSeconds: 300,
    tls: null,
    clients: [privateKeyJwt],
    svids: null,
    statusSeconds: 10,
    pick: (below: number) => randomInt(below),
    keys: () => keys,
  };
  const home = await foundTenant(ground, `acme-${++founded}`);
  const alice = await home.join('Alice', { delegable: everything });
  const purpose = { name: 'support', says: 'Settles what customers ask for', state: 'active' } as const;
  await ground.database.commit({
    tenant: home.tenant,
    changes: [insert(purposeTypes, purpose)],
    entries: [entry({ id: ground.newId('entry'), kind: 'task.purpose-defined', who: home.admin.caller.who })],
  });
  return planeOn(ground, { issuer, home, alice, directory, close });
}

type Kept = Pick<TestPlane, 'issuer' | 'home' | 'alice' | 'close'> & { readonly directory: string };

function planeOn(ground: TestPlane['ground'], kept: Kept): TestPlane {
  const { alice, directory } = kept;
  return {
    ...kept,
    ground,
    async restarted() {
      await ground.database.close();
      const database = await openTestDatabase(directory, ground.clock);
      const close = async () => {
        await database.close();
        await kept.close();
      };
      return planeOn({ ...ground, database }, { ...kept, close });
    },
    nextDoor: () => foundTenant(ground, `globex-${++founded}`),
    bot: (name, owner = alice) => newBot(ground, owner, name),
    openFor: (bot, authority = orders, ttlSeconds = 3600) =>
      openTask(
        ground,
        alice.caller,
        { agent: bot.agent.id, purpose: { type: 'support', text: 'Order 1042 came damaged' }, ttlSeconds, authority },
        { taskTtlSecondsMax: 86_400 },
      ),
  };
}

async function newBot(ground: Ground, owner: Member, name: string): Promise<Bot> {
  const draft = { name, team: 'support', purpose: 'Settles orders', environment: 'test', zone: 'inside' };
  const expiresAt = ground.clock() + 30 * 86_400_000;
  const input = { ...draft, expiresAt, liveTasksMax: 10, ceiling: everything, owner: owner.person.id };
  const { agent } = await registerAgent(ground, owner.caller, input);
  const key = testKey('ES256');
  await addAgentKey(ground, owner.caller, { agent: agent.id, jwk: key.jwk });
  const { agent: active } = await activateAgent(ground, owner.caller, agent.id);
  return { agent: active, key, proofKey: testKey('ES256') };
}

const form = (parameters: Readonly<Record<string, string>>) => Buffer.from(new URLSearchParams(parameters).toString());

export type Sending = { readonly parameters: Record<string, string>; readonly proofs: readonly string[] };

/** What a bot sends to the token endpoint, complete and correct; a test gets wrong what it is about. */
export function requestOf(
  plane: TestPlane,
  bot: Bot,
  parameters: Record<string, string>,
  url = '/oauth/token',
): Sending {
  const { issuer, ground } = plane;
  const about = { subject: bot.agent.id, issuer: issuer.url, now: ground.clock() };
  const proof = { method: 'POST', url: issuer.url + url, now: ground.clock() };
  return {
    parameters: {
      client_id: bot.agent.id,
      client_assertion_type: assertionType.jwtBearer,
      client_assertion: signAssertion(bot.key, about),
      ...parameters,
    },
    proofs: [signProof(bot.proofKey, proof)],
  };
}

export function arriving({ parameters, proofs }: Sending, url = '/oauth/token'): ClientRequest {
  const headers = [
    ['Content-Type', 'application/x-www-form-urlencoded'] as const,
    ...proofs.map((proof) => ['DPoP', proof] as const),
  ];
  return { parameters, raw: rawRequest('POST', url, headers, form(parameters)) };
}

export const forTask = (task: TaskId) => JSON.stringify([{ type: 'ambit_task', identifier: task }]);

/** client_credentials by that bot; with a task, for that task. */
export async function tokenFor(plane: TestPlane, bot: Bot, task?: TaskId): Promise<string> {
  const details = task === undefined ? {} : { authorization_details: forTask(task) };
  const sending = requestOf(plane, bot, { grant_type: grantType.clientCredentials, ...details });
  return (await clientCredentials(plane.ground, plane.issuer, arriving(sending))).access_token;
}

/** A request with token and proof, as the SDK makes it. */
export function signed(
  plane: TestPlane,
  key: TestKey,
  token: string,
  { method = 'GET', url = '/v1/agent/tasks', body }: { method?: string; url?: string; body?: Uint8Array } = {},
  claims: object = {},
): RawRequest {
  const about = { method, url: plane.issuer.url + url, now: plane.ground.clock(), token };
  const proof = signProof(key, body === undefined ? about : { ...about, body }, claims);
  return rawRequest(
    method,
    url,
    [
      ['Authorization', `DPoP ${token}`],
      ['DPoP', proof],
    ],
    body,
  );
}

/** The bot takes the task with its own keys, over the wire of the token endpoint and the API. */
export async function accepted(plane: TestPlane, bot: Bot, authority?: Authority, ttlSeconds?: number): Promise<Task> {
  const task = await plane.openFor(bot, authority, ttlSeconds);
  return acceptTask(plane.ground, await agentCaller(plane, bot), task.id);
}

/** The bot as the API knows it, by a token without a task. */
export async function agentCaller(plane: TestPlane, bot: Bot): Promise<AgentCaller> {
  const token = await tokenFor(plane, bot);
  return asAgent(plane.ground, plane.issuer, 'agent', signed(plane, bot.proofKey, token));
}

/** The bot as the API knows it, by a token of that task. */
export async function taskCaller(plane: TestPlane, bot: Bot, task: TaskId): Promise<AgentCaller> {
  const token = await tokenFor(plane, bot, task);
  return asAgent(plane.ground, plane.issuer, 'agent-task', signed(plane, bot.proofKey, token));
}

export function actorToken(plane: TestPlane, bot: Bot, claims: object = {}, header: object = {}): string {
  const about = { subject: bot.agent.id, issuer: plane.issuer.url, now: plane.ground.clock(), seconds: 60 };
  return signAssertion(bot.key, about, { cnf: { jkt: bot.proofKey.thumbprint }, ...claims }, header);
}

export type Exchange = {
  readonly from: Bot;
  readonly subject: string;
  readonly to?: Bot;
  readonly authority?: unknown;
  readonly more?: Record<string, string>;
};

export function exchangeRequest(
  plane: TestPlane,
  { from, subject, to, authority = lookUp, more = {} }: Exchange,
): Sending {
  return requestOf(plane, from, {
    grant_type: grantType.tokenExchange,
    subject_token: subject,
    subject_token_type: tokenType.accessToken,
    authorization_details: JSON.stringify(authority),
    ambit_purpose: 'Look up the shipping state',
    ...(to === undefined ? {} : { actor_token: actorToken(plane, to), actor_token_type: tokenType.jwt }),
    ...more,
  });
}

export const exchanged = (plane: TestPlane, exchange: Exchange) =>
  exchangeToken(plane.ground, plane.issuer, arriving(exchangeRequest(plane, exchange)));

/** Claims of a token, unverified. */
export const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** Where no endings are at hand: the token and those that came from it end, and no task does. */
export const endsTokens =
  (ground: Ground): EndsToken<void> =>
  async (tenant, { token, who, reason }) => {
    const line = [token];
    for (const one of line) line.push(...(await tokensFrom(ground, tenant, one.id)));
    const dying = line.filter((one) => one.state === 'live');
    const detail = { token: token.id, reason, ended: dying.map(({ id }) => ({ id })) };
    const told = entry({ id: ground.newId('entry'), kind: 'token.revoked', who, task: token.task, detail });
    await ground.database.commit({ tenant, changes: dying.map(revokeTokenRow), entries: [told] });
  };
