/** An API that verifies tokens itself: a real plane, a real agent, and each framework with the guard before its routes. */
import assert from 'node:assert/strict';
import { createHash, createHmac, type KeyObject, sign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Authority, acr, detailsType, grantType, type TaskId } from '@ambit/protocol';
import { connect } from '@ambit/sdk';
import type { GuardRefusal } from '@ambit/sdk/guard';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { loadKeys } from '../../../src/foundation/index.ts';
import { type Bot, type House, only, openHouse, registerBot } from '../../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../../raw-agent.ts';
import {
  description,
  type Framework,
  frameworks,
  openResourceServer,
  type ResourceServer,
} from './resource-servers.ts';

const statusSeconds = 2;

let house: House;
let bot: Bot;
let servers: Record<Framework, ResourceServer>;
let key: { readonly kid: string; readonly key: KeyObject };
const refused: GuardRefusal[] = [];
/** Milliseconds by which the clock of the APIs is off. */
let ahead = 0;
/** Whether the APIs can reach the plane. */
let isCutOff = false;
let fetched: string[] = [];

const grantsAt = (framework: Framework): Authority => [
  only(`on-${framework}:orders.get`, 'path.orderId', '1042'),
  {
    type: 'ambit_grant',
    actions: [`on-${framework}:refunds.create`],
    where: {
      'path.orderId': { all: [{ equals: '1042' }] },
      'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
    },
  },
  { ...only(`on-${framework}:orders.remove`, 'path.orderId', '1042'), limits: [{ calls: 1 }] },
];
const everything: Authority = frameworks.flatMap(grantsAt);

before(async () => {
  house = await openHouse({ env: { AMBIT_STATUS_SECONDS: `${statusSeconds}` } });
  const { config, plane } = house;
  const keys = loadKeys({ file: config.keyFile, json: config.keysJson, dataDirectory: config.dataDirectory });
  key = keys.tokens[0]!;
  const tenant = await tenantOf(house);
  const opened = await Promise.all(
    frameworks.map(async (framework) => {
      const server = await openResourceServer(framework, {
        issuer: plane.agents,
        tenant,
        clock: () => Date.now() + ahead,
        refused: (refusal) => refused.push(refusal),
        fetch: async (input, init) => {
          fetched.push(`${input}`);
          if (isCutOff) throw new TypeError('the plane is unreachable');
          return fetch(input, init);
        },
      });
      return [framework, server] as const;
    }),
  );
  servers = Object.fromEntries(opened) as typeof servers;
  const { catalog, persons } = house.ada.operator;
  for (const framework of frameworks) {
    const name = `on-${framework}`;
    await catalog.import({ name, text: description, server: servers[framework].url, takesTokens: true });
    await catalog.confirm(name, { revision: (await catalog.show(name)).revision });
  }
  await persons.setDelegable(house.alice.id, everything);
  bot = await registerBot(house.alice, 'payments-bot', everything);
});
after(async () => {
  await Promise.all(Object.values(servers).map((server) => server.close()));
  await house.close();
});

async function tenantOf(of: House): Promise<never> {
  const agent = await rawAgent(of, of.refundBot);
  return decodeJwt(await agent.agentToken()).ambit_tenant as never;
}

type Scene = { readonly agent: RawAgent; readonly task: TaskId; readonly token: string };

async function sceneAt(server: ResourceServer, of: Bot = bot): Promise<Scene> {
  const agent = await rawAgent(house, of);
  const task = await house.openTask({ authority: everything, agent: of.id });
  await agent.accept(task);
  return { agent, task, token: await tokenAt(server, agent, task) };
}

const tokenAt = async (server: ResourceServer, agent: RawAgent, task: TaskId): Promise<string> =>
  tokenOf(
    await agent.tokenRequest({
      grant_type: grantType.clientCredentials,
      authorization_details: JSON.stringify([{ type: detailsType.task, identifier: task }]),
      resource: server.url,
    }),
  );

type Call = {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

async function call(
  server: ResourceServer,
  { agent, token }: Pick<Scene, 'agent' | 'token'>,
  { method = 'GET', path = '/orders/1042', body, headers = {} }: Call = {},
) {
  const url = `${server.url}${path}`;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const dpop = headers.dpop ?? (await agent.proof(method, url, { token, ...sent }));
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return fetch(url, { method, headers: { authorization: `DPoP ${token}`, ...type, ...headers, dpop }, ...sent });
}

type Expected = { readonly status: number; readonly code: string; readonly challenge?: RegExp };

/** The refusal of the standard, with one sentence that says what to do, and nothing handled. */
async function refusedAs(
  server: ResourceServer,
  response: Promise<Response> | Response,
  { status, code, challenge }: Expected,
) {
  const handled = server.handled.length;
  const answer = await response;
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  const problem = JSON.parse(text) as { readonly type: string; readonly detail: string; readonly status: number };
  assert.equal(problem.type, `urn:ambit:refusal:${code}`);
  assert.equal(problem.status, status);
  assert.match(problem.detail, /^\S.*\.$/s);
  const said = answer.headers.get('www-authenticate');
  if (status === 503) assert.ok(said === null && answer.headers.get('retry-after') !== null);
  else {
    assert.ok(said?.includes(`resource_metadata="${server.url}/.well-known/oauth-protected-resource"`), `${said}`);
    if (challenge !== undefined) assert.match(said ?? '', challenge);
  }
  assert.equal(server.handled.length, handled, 'the handler ran');
  assert.equal(refused.at(-1)?.code, code);
}

const invalidToken = /^DPoP error="invalid_token", error_description="[^"]+", algs="ES256 EdDSA"/;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with the plane’s own signature over other claims or another head: what only the plane could make. */
function signedByPlane(token: string, claims: object, head: object = {}): string {
  const signed = `${part({ ...decodeProtectedHeader(token), ...head })}.${part({ ...decodeJwt(token), ...claims })}`;
  const signature = sign('sha256', Buffer.from(signed), { key: key.key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

for (const framework of frameworks) {
  describe(`the guard on ${framework}`, () => {
    let server: ResourceServer;
    let scene: Scene;
    before(async () => {
      server = servers[framework];
      scene = await sceneAt(server);
    });
    const refuses = (token: string, expected: Partial<Expected> = {}) =>
      refusedAs(server, call(server, { ...scene, token }), {
        status: 401,
        code: 'token.invalid',
        challenge: invalidToken,
        ...expected,
      });

    test('what the task covers passes, and the handler knows who calls', async () => {
      const response = await call(server, scene);
      assert.equal(response.status, 200, await response.clone().text());
      assert.deepEqual(await response.json(), { order: '1042' });
      assert.deepEqual(server.handled.at(-1), { route: 'get', agent: bot.id });
      const body = { amount: '30.00' };
      const refund = await call(server, scene, { method: 'POST', path: '/orders/1042/refunds', body });
      assert.equal(refund.status, 201, await refund.clone().text());
      assert.deepEqual(await refund.json(), body);
    });

    test('an agent of the SDK calls it past the gateway', async () => {
      const agent = await connect({ url: house.plane.agents, agent: bot.id, key: bot.key });
      const task = await agent.accept(await house.openTask({ authority: everything, agent: bot.id }));
      const direct = task.direct(server.url);
      assert.equal((await direct('/orders/1042')).status, 200);
      const init = {
        method: 'POST',
        body: JSON.stringify({ amount: '1.00' }),
        headers: { 'content-type': 'application/json' },
      };
      assert.equal((await direct('/orders/1042/refunds', init)).status, 201);
      assert.equal((await direct('/orders/1043')).status, 403);
      // Nowhere else, whatever the path looks like.
      assert.equal((await direct('//elsewhere.example/')).status, 404);
    });

    test('its metadata says where tokens come from', async () => {
      const response = await fetch(`${server.url}/.well-known/oauth-protected-resource`);
      const metadata = (await response.json()) as Record<string, unknown>;
      assert.equal(metadata.resource, server.url);
      assert.deepEqual(metadata.authorization_servers, [house.plane.agents]);
    });

    test('what the task does not cover is 403 insufficient_scope: another action, order, amount, or more arguments', async () => {
      const scope = { status: 403, code: 'guard.not_covered', challenge: /^DPoP error="insufficient_scope"/ };
      const refund = { method: 'POST', path: '/orders/1042/refunds' };
      const calls: Call[] = [
        { path: '/payroll' },
        { path: '/orders/1043' },
        { path: '/orders/1042?expand=customer' },
        { ...refund, body: { amount: '100.01' } },
        { ...refund, body: { amount: '30.00', to: 'mallory' } },
        { ...refund, body: { amount: -5 } },
        { ...refund, body: { amount: ['30.00'] } },
        { ...refund, body: {} },
        { ...refund, body: [{ amount: '30.00' }] },
      ];
      for (const one of calls) await refusedAs(server, call(server, scene, one), scope);
    });

    test('what is counted is sent to the gateway, in a sentence', async () => {
      const needs = { status: 403, code: 'guard.needs_gateway', challenge: /error="insufficient_scope".*gateway/ };
      await refusedAs(server, call(server, scene, { method: 'DELETE' }), needs);
    });

    test('a route that wants the person to prove themselves anew says how (RFC 9470)', async () => {
      const challenge = /^DPoP error="insufficient_user_authentication".*acr_values="phrh phr", max_age="300"/;
      await refusedAs(server, call(server, scene, { path: '/strict/1042' }), {
        status: 401,
        code: 'guard.step_up',
        challenge,
      });
      const now = Math.floor(Date.now() / 1000);
      // The plane's own tokens say when and how: by an enrolled key, which is not what this route wants.
      const said = decodeJwt(scene.token) as { acr?: string; auth_time?: number };
      assert.equal(said.acr, acr.enrolledKey);
      assert.ok((said.auth_time ?? 0) > now - 600 && (said.auth_time ?? 0) <= now, `auth_time ${said.auth_time}`);
      const proved = signedByPlane(scene.token, { acr: 'phr', auth_time: now - 10 });
      assert.equal((await call(server, { ...scene, token: proved }, { path: '/strict/1042' })).status, 200);
      const old = signedByPlane(scene.token, { acr: 'phr', auth_time: now - 301 });
      await refusedAs(server, call(server, { ...scene, token: old }, { path: '/strict/1042' }), {
        status: 401,
        code: 'guard.step_up',
        challenge,
      });
    });

    test('no token, a bearer token, two tokens, and another scheme are challenged', async () => {
      const url = `${server.url}/orders/1042`;
      const missing = { status: 401, code: 'token.missing', challenge: /^DPoP algs="ES256 EdDSA", resource_metadata=/ };
      await refusedAs(server, fetch(url), missing);
      await refusedAs(server, fetch(url, { headers: { authorization: 'Basic YTpi' } }), missing);
      const bearer = { headers: { authorization: `Bearer ${scene.token}` } };
      await refusedAs(server, fetch(url, bearer), {
        status: 401,
        code: 'token.bearer_refused',
        challenge: invalidToken,
      });
      const twice = new Headers({ authorization: `DPoP ${scene.token}` });
      twice.append('authorization', `DPoP ${scene.token}`);
      await refusedAs(server, fetch(url, { headers: twice }), missing);
    });

    test('a proof is for one request, one token, and one time', async () => {
      const { agent, token } = scene;
      const url = `${server.url}/orders/1042`;
      const at = (code: string) => ({ status: 401, code, challenge: /^DPoP error="invalid_dpop_proof"/ });
      const send = (dpop: string) => call(server, scene, { headers: { dpop } });
      const replayed = await agent.proof('GET', url, { token });
      assert.equal((await send(replayed)).status, 200);
      await refusedAs(server, send(replayed), at('proof.replayed'));
      await refusedAs(server, fetch(url, { headers: { authorization: `DPoP ${token}` } }), at('proof.missing'));
      const now = Math.floor(Date.now() / 1000);
      const bad: [string, string][] = [
        [await agent.proof('POST', url, { token }), 'proof.invalid'],
        [await agent.proof('GET', `${server.url}/orders/1043`, { token }), 'proof.invalid'],
        [await agent.proof('GET', `${house.plane.agents}/orders/1042`, { token }), 'proof.invalid'],
        [await agent.proof('GET', url), 'proof.invalid'],
        [await agent.proof('GET', url, { token: `${token}x` }), 'proof.invalid'],
        [await agent.proof('GET', url, { token, claims: { iat: now - 61 } }), 'proof.stale'],
        [await agent.proof('GET', url, { token, claims: { iat: now + 60 } }), 'proof.stale'],
        [await agent.proof('GET', url, { token, claims: { jti: undefined } }), 'proof.invalid'],
        [await agent.proof('GET', url, { token, header: { typ: 'JWT' } }), 'proof.invalid'],
        ['no proof', 'proof.invalid'],
      ];
      for (const [dpop, code] of bad) await refusedAs(server, send(dpop), at(code));
    });

    test('many at once with one proof: one passes', async () => {
      const dpop = await scene.agent.proof('GET', `${server.url}/orders/1042`, { token: scene.token });
      const all = await Promise.all(Array.from({ length: 8 }, () => call(server, scene, { headers: { dpop } })));
      assert.equal(all.filter(({ status }) => status === 200).length, 1);
    });

    test('a stolen token is no use with another key', async () => {
      const mallory = await rawAgent(house, house.malloryBot);
      const stolen = call(server, { agent: mallory, token: scene.token });
      await refusedAs(server, stolen, { status: 401, code: 'token.other_key', challenge: invalidToken });
    });

    test('a token for the gateway, for the plane and for another API opens nothing', async () => {
      const { agent, task } = scene;
      const other = servers[frameworks[(frameworks.indexOf(framework) + 1) % 3]!];
      const elsewhere = { code: 'token.wrong_audience' };
      await refuses(await agent.taskToken(task), elsewhere);
      await refuses(await agent.agentToken(), elsewhere);
      await refuses(await tokenAt(other, agent, task), elsewhere);
      await refuses(signedByPlane(scene.token, { aud: [server.url, other.url] }), elsewhere);
    });

    test('alg confusion: none, and HS256 with the published key as secret, are no signatures', async () => {
      const [head = '', claims = ''] = scene.token.split('.');
      await refuses(`${part({ ...decodeProtectedHeader(scene.token), alg: 'none' })}.${claims}.`);
      const [published] = (
        (await (await fetch(`${house.plane.agents}/.well-known/jwks.json`)).json()) as { keys: { x: string }[] }
      ).keys;
      const { kid } = decodeProtectedHeader(scene.token);
      const confused = `${part({ typ: 'at+jwt', alg: 'HS256', kid })}.${claims}`;
      const mac = createHmac('sha256', JSON.stringify(published)).update(confused).digest('base64url');
      await refuses(`${confused}.${mac}`);
      await refuses(`${head}.${claims}.${'A'.repeat(86)}`);
    });

    test('kid injection: a kid of a file, of nobody, or none, and a key that comes with the token', async () => {
      for (const kid of ['../../dev/null', 'nobody', '', undefined, ['k'], { $ne: null }])
        await refuses(signedByPlane(scene.token, {}, { kid }));
      const own = { jwk: scene.agent.jwk, jku: 'https://mallory.example/jwks', kid: 'mallory' };
      await refuses(signedByPlane(scene.token, {}, own));
    });

    test('a critical extension that is not known is not passed over', async () => {
      await refuses(signedByPlane(scene.token, {}, { crit: ['exp2'], exp2: 1 }));
    });

    test('an access token has its type; a list, a proof and a plain JWT are none', async () => {
      for (const typ of ['JWT', 'statuslist+jwt', 'dpop+jwt', undefined])
        await refuses(signedByPlane(scene.token, {}, { typ }));
    });

    test('expired and future tokens are refused, beyond the five seconds by which clocks may differ', async () => {
      const now = Math.floor(Date.now() / 1000);
      await refuses(signedByPlane(scene.token, { exp: now - 6 }), { code: 'token.expired' });
      assert.equal((await call(server, { ...scene, token: signedByPlane(scene.token, { exp: now - 2 }) })).status, 200);
      await refuses(signedByPlane(scene.token, { iat: now + 60 }));
      await refuses(signedByPlane(scene.token, { exp: undefined }));
      await refuses(signedByPlane(scene.token, { nbf: now + 60 }));
    });

    test('another issuer, another tenant, and a task of another issuer are refused', async () => {
      await refuses(signedByPlane(scene.token, { iss: 'https://elsewhere.example' }));
      const tenant = 'ten_00000000000000000000';
      await refuses(signedByPlane(scene.token, { ambit_tenant: tenant }), { code: 'guard.wrong_tenant' });
      const { mission } = decodeJwt<{ mission: object }>(scene.token);
      await refuses(signedByPlane(scene.token, { mission: { ...mission, issuer: 'https://elsewhere.example' } }));
    });

    test('a chain is read whole: too deep, of strangers, or beginning with another agent is refused', async () => {
      const { act } = decodeJwt<{ act: { iss: string; sub: string } }>(scene.token);
      const deep = (depth: number): object => (depth === 0 ? act : { ...act, act: deep(depth - 1) });
      assert.equal((await call(server, { ...scene, token: signedByPlane(scene.token, { act: deep(4) }) })).status, 200);
      await refuses(signedByPlane(scene.token, { act: deep(5) }), { code: 'guard.chain_too_long' });
      const other = act.sub.replace(bot.id, house.malloryBot.id);
      for (const bad of [
        undefined,
        'refund-bot',
        { ...act, iss: 'https://elsewhere.example' },
        { ...act, sub: other },
        { ...act, act: null },
      ])
        await refuses(signedByPlane(scene.token, { act: bad }));
    });

    test('a delegated token names the agents behind it, the calling one first', async () => {
      const helper = await registerBot(house.alice, `helper-on-${framework}`, everything);
      const raw = await rawAgent(house, helper);
      const parent = await scene.agent.taskToken(scene.task);
      const authority = [only(`on-${framework}:orders.get`, 'path.orderId', '1042')];
      const exchanged = await scene.agent.tokenRequest(exchangeForm(parent, await raw.actorToken(), authority));
      const { mission_id: child } = (await exchanged.json()) as { readonly mission_id: TaskId };
      const token = await tokenAt(server, raw, child);
      assert.equal((await call(server, { agent: raw, token })).status, 200);
      assert.equal(server.handled.at(-1)?.agent, helper.id);
      const refund = { method: 'POST', path: '/orders/1042/refunds', body: { amount: '1.00' } };
      await refusedAs(server, call(server, { agent: raw, token }, refund), { status: 403, code: 'guard.not_covered' });
    });

    test('a token bound to nothing, or to more than can be checked, is refused', async () => {
      for (const cnf of [
        {},
        { kid: 'k' },
        { jkt: scene.agent.jkt, kid: 'k' },
        { jkt: scene.agent.jkt, 'x5t#S256': 'A' },
      ])
        await refuses(signedByPlane(scene.token, { cnf }), { code: 'guard.unbound' });
      await refuses(signedByPlane(scene.token, { cnf: undefined }));
    });

    test('a token bound to a certificate needs that certificate, whatever proof comes along', async () => {
      const cnf = { 'x5t#S256': createHash('sha256').update('a certificate').digest('base64url') };
      await refuses(signedByPlane(scene.token, { cnf }), { code: 'guard.other_certificate' });
    });

    test('authority that cannot be read, and a token without any, pass nothing', async () => {
      const grant = { type: 'ambit_grant', actions: [`on-${framework}:orders.get`] };
      const unknown = { ...grant, where: { 'path.orderId': { all: [{ regex: '.*' }] } } };
      for (const authorization_details of [
        undefined,
        'all',
        [unknown],
        [{ ...grant, type: 'other' }],
        [{ ...grant, more: 1 }],
      ])
        await refuses(signedByPlane(scene.token, { authorization_details }));
      const empty = call(server, { ...scene, token: signedByPlane(scene.token, { authorization_details: [] }) });
      await refusedAs(server, empty, { status: 403, code: 'guard.not_covered' });
    });

    test('a status list elsewhere, without the index, or none at all does not let a token pass', async () => {
      const { status } = decodeJwt<{ status: { status_list: { idx: number; uri: string } } }>(scene.token);
      const at = (place: object) =>
        signedByPlane(scene.token, { status: { status_list: { ...status.status_list, ...place } } });
      fetched = [];
      await refuses(at({ uri: 'https://mallory.example/list' }));
      await refuses(at({ uri: `${house.plane.agents}.mallory.example/list` }));
      await refuses(at({ uri: `${house.plane.agents}/../x` }));
      await refuses(at({ idx: -1 }));
      await refuses(at({ idx: 1.5 }));
      await refuses(signedByPlane(scene.token, { status: undefined }));
      assert.deepEqual(
        fetched.filter((url) => url.includes('mallory')),
        [],
      );
      await refuses(at({ idx: 2 ** 20 }), { code: 'token.revoked' });
      // There the plane publishes something else: what is no list says nothing good of a token.
      const elsewhere = call(server, { ...scene, token: at({ uri: `${house.plane.agents}/health` }) });
      await refusedAs(server, elsewhere, { status: 503, code: 'guard.status_unreachable' });
    });
  });
}

describe('endings', () => {
  const server = () => servers.express;
  const revoked = { status: 401, code: 'token.revoked', challenge: invalidToken };

  test('a revoked token is refused as soon as was promised, and the next one passes', async () => {
    const scene = await sceneAt(server());
    assert.equal((await call(server(), scene)).status, 200);
    await house.ada.operator.tasks.revokeToken(decodeJwt(scene.token).jti as never, 'Seen elsewhere.');
    await sleep(statusSeconds * 1000);
    await refusedAs(server(), call(server(), scene), revoked);
    const token = await tokenAt(server(), scene.agent, scene.task);
    assert.equal((await call(server(), { ...scene, token })).status, 200);
  });

  test('the token of a suspended agent, and of a task that ended, are refused as soon', async () => {
    const other = await registerBot(house.alice, 'suspended-bot', everything);
    const [suspended, ended] = [await sceneAt(server(), other), await sceneAt(server())];
    for (const scene of [suspended, ended]) assert.equal((await call(server(), scene)).status, 200);
    await house.alice.operator.agents.suspend(other.id, 'Acts oddly.');
    await house.alice.operator.tasks.revoke(ended.task, 'Taken back.');
    await sleep(statusSeconds * 1000);
    for (const scene of [suspended, ended]) await refusedAs(server(), call(server(), scene), revoked);
  });

  test('a list is fetched once for many calls, and again when its time is over', async () => {
    const scene = await sceneAt(server());
    await sleep(statusSeconds * 1000);
    fetched = [];
    await Promise.all(Array.from({ length: 20 }, () => call(server(), scene)));
    assert.equal(fetched.filter((url) => url.includes('/oauth/status/')).length, 1);
    assert.equal(fetched.filter((url) => !url.includes('/oauth/status/')).length, 0, 'keys are kept');
  });

  test('where the plane cannot be reached the last list counts until it ends, and then nothing passes', async () => {
    const scene = await sceneAt(server());
    assert.equal((await call(server(), scene)).status, 200);
    isCutOff = true;
    try {
      ahead = (statusSeconds + 1) * 1000;
      assert.equal((await call(server(), scene, { headers: { dpop: await proofAhead(scene) } })).status, 200);
      ahead = (statusSeconds * 6 + 2) * 1000;
      const answer = call(server(), scene, { headers: { dpop: await proofAhead(scene) } });
      await refusedAs(server(), answer, { status: 503, code: 'guard.status_unreachable' });
    } finally {
      isCutOff = false;
    }
    ahead = (statusSeconds * 6 + 4) * 1000;
    // The list that is fetched now is from the past of this API’s clock, and over: that clock is what is wrong.
    await refusedAs(server(), call(server(), scene, { headers: { dpop: await proofAhead(scene) } }), {
      status: 503,
      code: 'guard.status_unreachable',
    });
    ahead = 0;
    await sleep(1000);
    assert.equal((await call(server(), scene)).status, 200);
  });

  const proofAhead = ({ agent, token }: Scene) =>
    agent.proof('GET', `${server().url}/orders/1042`, {
      token,
      claims: { iat: Math.floor((Date.now() + ahead) / 1000) },
    });

  test('a stranger who makes up names of keys makes nobody fetch them again and again', async () => {
    const scene = await sceneAt(server());
    await call(server(), scene);
    fetched = [];
    for (let i = 0; i < 20; i++)
      await call(server(), { ...scene, token: signedByPlane(scene.token, {}, { kid: `made-up-${i}` }) });
    assert.ok(fetched.filter((url) => url.endsWith('jwks.json')).length <= 1, `${fetched}`);
  });
});
