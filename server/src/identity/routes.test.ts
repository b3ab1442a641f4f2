import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { type Caller, createApi, planeItself, type RawRequest, type Route, type WhoMay } from '../foundation/index.ts';
import { authenticatePerson } from './authenticate-person.ts';
import { issueEnrolment } from './issue-enrolment.ts';
import { createChallenges } from './passkeys/challenge.ts';
import { requireRole } from './person.ts';
import { agentResource, record } from './record.ts';
import { registerAgent } from './register-agent.ts';
import { identityRoutes } from './routes.ts';
import { changeAgent } from './store.ts';
import {
  foundTenant,
  type Member,
  signAssertion,
  signDocument,
  signProof,
  type TestKey,
  type TestTenant,
  testKey,
} from './testing.ts';

const issuer = 'https://ambit.example';
const origin = 'https://console.ambit.example';
let opened: TestStore;
let acme: TestTenant;
let api: FastifyInstance;
let rows: readonly Route[];

async function authenticate(who: WhoMay, raw: RawRequest): Promise<Caller> {
  if (who === 'public') return { kind: 'public', who: planeItself };
  const caller = await authenticatePerson(opened.ground, { origin }, raw);
  if (who === 'administrator') requireRole(caller, who);
  return caller;
}

const nothingEnded = { ended: [], inFlight: [], left: [], milliseconds: 0 };

before(async () => {
  opened = await openTestStore();
  acme = await foundTenant(opened.ground, 'Acme');
  rows = identityRoutes(
    opened.ground,
    { origin, issuer, challenges: createChallenges(randomBytes(32)) },
    { agent: async () => nothingEnded, person: async () => nothingEnded },
  );
  api = createApi({ routes: rows, authenticate, record: async () => undefined });
});
after(async () => {
  await api.close();
  await opened.close();
});

type Signed = { readonly key: TestKey; readonly token?: string };
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

async function call({ key, token }: Signed, method: Method, url: string, json?: unknown) {
  const payload = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
  const about = { method, url: `${origin}${url}`, now: opened.ground.clock() };
  const proof = signProof(key, { ...about, ...(token && { token }), ...(payload && { body: payload }) });
  const answer = await api.inject({
    method,
    url,
    headers: {
      dpop: proof,
      ...(token && { authorization: `DPoP ${token}` }),
      ...(payload && { 'content-type': 'application/json' }),
    },
    ...(payload && { payload }),
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? undefined : answer.json(),
    entry: answer.headers['ambit-entry'],
  };
}

async function signIn({ person, key }: Member): Promise<Required<Signed>> {
  const proofKey = testKey();
  const assertion = signAssertion(key, { subject: person.id, issuer, now: opened.ground.clock() });
  const { status, body } = await call({ key: proofKey }, 'POST', '/v1/sessions', { assertion });
  assert.equal(status, 201);
  assert.equal(body.tokenType, 'DPoP');
  return { key: proofKey, token: body.token };
}

describe('over HTTP', () => {
  test('an administrator registers Alice, who enrols her key, signs in and brings an agent to life', async () => {
    const ada = await signIn(acme.admin);
    const authority = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }];
    const made = await call(ada, 'POST', '/v1/persons', { name: 'Alice', roles: ['owner'], delegable: authority });
    assert.equal(made.status, 201);
    assert.match(String(made.entry), /^ent_/);

    const key = testKey('EdDSA');
    const redeemed = await call({ key }, 'POST', '/v1/enrolments/redeem', {
      code: made.body.enrolment.code,
      label: 'laptop',
    });
    assert.equal(redeemed.status, 201);
    assert.equal(redeemed.body.thumbprint, key.thumbprint);
    const alice = await signIn({ person: made.body, key, caller: acme.admin.caller });
    const me = await call(alice, 'GET', '/v1/me');
    assert.equal(me.body.id, made.body.id);
    assert.equal(me.body.keys.length, 1);

    const expiresAt = opened.ground.clock() + 86_400_000;
    const words = { team: 'support', purpose: 'settles orders', environment: 'production', zone: 'shop' };
    const agent = await call(alice, 'POST', '/v1/agents', {
      name: 'refund-bot',
      ...words,
      expiresAt,
      ceiling: authority,
    });
    assert.equal(agent.status, 201);
    assert.equal(agent.body.state, 'draft');
    const at = `/v1/agents/${agent.body.id}`;
    const added = await call(alice, 'POST', `${at}/keys`, { jwk: testKey().jwk });
    assert.equal(added.status, 201);
    assert.equal((await call(alice, 'POST', `${at}/activate`)).body.state, 'active');
    assert.equal((await call(ada, 'POST', `${at}/activate`)).status, 403);
    const user = await call(alice, 'POST', `${at}/users`, { api: 'crm', externalId: 'U1', label: 'Refund bot' });
    assert.equal(user.status, 201);

    const document = {
      type: 'ambit_standing_grant',
      tenant: acme.tenant,
      agent: agent.body.id,
      owner: made.body.id,
      authority,
      liveTasksMax: 1,
      taskSecondsMax: 60,
      issuedAt: opened.ground.clock(),
      expiresAt,
    } as const;
    const granted = await call(alice, 'POST', '/v1/standing-grants', {
      document,
      signature: signDocument(key, document),
    });
    assert.equal(granted.status, 201);

    const shown = await call(alice, 'GET', at);
    assert.equal(shown.body.keys[0].holds, true);
    assert.equal(shown.body.users.length, 1);
    assert.equal(shown.body.standingGrants.length, 1);
    assert.equal((await call(alice, 'DELETE', `/v1/standing-grants/${granted.body.id}`)).status, 204);
    assert.equal((await call(alice, 'DELETE', `${at}/keys/${added.body.id}`)).status, 204);
    for (const [move, state] of [
      ['suspend', 'suspended'],
      ['resume', 'active'],
      ['retire', 'retired'],
    ]) {
      assert.equal((await call(alice, 'POST', `${at}/${move}`, { reason: 'because' })).body.state, state);
    }
    assert.equal((await call(alice, 'DELETE', '/v1/sessions/current')).status, 204);
    assert.equal((await call(alice, 'GET', '/v1/me')).status, 401);
  });

  test('an administrator changes roles, what may be delegated, and disables', async () => {
    const bob = await acme.join('Bob');
    const ada = await signIn(acme.admin);
    const at = `/v1/persons/${bob.person.id}`;
    assert.deepEqual((await call(ada, 'PUT', `${at}/roles`, { roles: ['approver'] })).body.roles, ['approver']);
    assert.equal((await call(ada, 'PUT', `${at}/delegable`, { delegable: [] })).status, 200);
    assert.equal((await call(ada, 'POST', '/v1/enrolments', { person: bob.person.id })).status, 201);
    assert.equal((await call(ada, 'POST', `${at}/disable`, { reason: 'left' })).body.state, 'disabled');
    const { persons } = (await call(ada, 'GET', '/v1/persons?limit=500')).body;
    const listed = persons.find((one: { id: string }) => one.id === bob.person.id);
    assert.deepEqual(listed, { id: bob.person.id, name: 'Bob', roles: ['approver'], state: 'disabled' });
    const shown = await call(ada, 'GET', at);
    assert.equal(shown.body.keys.length, 1);
    assert.equal((await call(ada, 'DELETE', `/v1/person-keys/${shown.body.keys[0].id}`)).status, 204);
  });

  test('an agent of a release that knew no kinds is told as an agent, whatever was done with it', async () => {
    const { ground } = opened;
    const alice = await acme.join('Alice', { roles: ['owner'] });
    const named = { name: 'old-bot', team: 'support', purpose: 'settles', environment: 'production', zone: 'shop' };
    const wanted = { ...named, expiresAt: ground.clock() + 86_400_000, ceiling: [], liveTasksMax: 1 };
    const { agent } = await registerAgent(ground, alice.caller, wanted);
    await record(ground, alice.caller, {
      kind: 'identity.agent-activated',
      keys: [agentResource(agent.id)],
      changes: [changeAgent(agent, { kind: null, state: 'active' })],
      detail: {},
    });
    const session = await signIn(alice);
    const at = `/v1/agents/${agent.id}`;
    const shared = { whenShared: 'suspend', reason: 'because' };
    assert.equal((await call(session, 'PUT', `${at}/when-shared`, shared)).body.kind, 'agent');
    for (const move of ['suspend', 'resume', 'retire'])
      assert.equal((await call(session, 'POST', `${at}/${move}`, { reason: 'because' })).body.kind, 'agent', move);
  });

  test('an enforcement point is registered, listed without its secret, and retired', async () => {
    const ada = await signIn(acme.admin);
    const made = await call(ada, 'POST', '/v1/enforcement-points', { name: 'nginx', kind: 'auth-request' });
    assert.equal(made.status, 201);
    const listed = JSON.stringify((await call(ada, 'GET', '/v1/enforcement-points')).body);
    assert.ok(listed.includes(made.body.id));
    assert.equal(listed.includes(made.body.secret) || listed.includes('secretHash'), false);
    assert.equal((await call(ada, 'DELETE', `/v1/enforcement-points/${made.body.id}`)).status, 204);
  });

  test('a body that does not fit is refused with the place to correct', async () => {
    const ada = await signIn(acme.admin);
    const cases: [string, unknown, RegExp][] = [
      ['/v1/persons', { name: 'Eve', roles: ['god'] }, /roles\[0\] must be "administrator" or/],
      ['/v1/persons', { name: 'Eve\u202e' }, /name must be a name/],
      ['/v1/persons', { name: 'Eve', admin: true }, /admin is not known here/],
      ['/v1/agents', { name: 'Refund Bot' }, /name must be small letters/],
      ['/v1/sessions', {}, /assertion is missing/],
    ];
    for (const [url, json, says] of cases) {
      const { status, body } = await call(ada, 'POST', url, json);
      assert.equal(status, 400, url);
      assert.match(body.detail, says);
    }
    assert.equal((await call(ada, 'GET', '/v1/agents/payroll')).status, 404);
  });

  test('a code that is redeemed with a proof over another body enrols nothing', async () => {
    const { code } = await issueEnrolment(opened.ground, acme.admin.caller, acme.admin.person.id);
    const key = testKey();
    const url = '/v1/enrolments/redeem';
    const about = { method: 'POST', url: `${origin}${url}`, now: opened.ground.clock(), body: Buffer.from('{}') };
    const payload = { code: code.unwrap(), label: 'laptop' };
    const answer = await api.inject({ method: 'POST', url, headers: { dpop: signProof(key, about) }, payload });
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.json().code, 'proof.body_mismatch');
  });

  test('every row but signing in and enrolling needs a person, and answers 401 to a stranger', async () => {
    const open = rows.filter((row) => row.who === 'public').map((row) => `${row.method} ${row.path}`);
    assert.deepEqual(open, [
      'POST /v1/sessions',
      'POST /v1/enrolments/redeem',
      'POST /v1/enrolments/passkey/options',
      'POST /v1/enrolments/passkey/redeem',
      'POST /v1/sessions/passkey/options',
      'POST /v1/sessions/passkey',
    ]);
    for (const { method, path, who } of rows) {
      if (who === 'public') continue;
      const answer = await api.inject({ method, url: path, headers: { 'x-forwarded-for': '127.0.0.1' } });
      assert.equal(answer.statusCode, 401, `${method} ${path}`);
    }
  });

  test('rows for administrators answer 403 to others, whatever they send', async () => {
    const alice = await signIn(await acme.join('Alicia', { roles: ['approver', 'policy'] }));
    const closed = rows.filter((row) => row.who === 'administrator');
    assert.ok(closed.length >= 8);
    for (const { method, path } of closed) {
      const { status } = await call(
        alice,
        method as Method,
        path.replaceAll(/:\w+/g, 'x'),
        method === 'GET' ? undefined : {},
      );
      assert.equal(status, 403, `${method} ${path}`);
    }
  });
});
