// Whatever is broken, too large, unknown or late is sent on purpose, in the hope of a fault that opens something.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { AgentId, RefusalCode, TaskId } from '@ambit/protocol';
import { AmbitRefusal, connectOperator, newKey } from '@ambit/sdk/operator';
import { type House, only, openHouse, order, publicHalf, registerBot, wholeShop } from '../house.ts';
import { exchangeForm, rawAgent } from '../raw-agent.ts';
import { settingsOf, startProcess } from './plane-process.ts';
import {
  answer,
  callsOf,
  type Heard,
  handmadeUpstream,
  refund,
  refundsPath,
  refundsUpTo,
  refused,
  type Upstream,
  until,
} from './witness.ts';

let house: House;
let upstream: Upstream;
let behave: (request: Heard) => void;
const fine = ({ socket, line }: Heard) => answer(socket, line.startsWith('GET ') ? 200 : 201, { id: order });
let short: { readonly task: TaskId; readonly token: string; readonly agent: Awaited<ReturnType<typeof rawAgent>> };
before(async () => {
  behave = fine;
  upstream = await handmadeUpstream((request) => behave(request));
  house = await openHouse({ upstream: upstream.url, env: { AMBIT_UPSTREAM_TIMEOUT_SECONDS: '1' } });
  const agent = await rawAgent(house, house.lookupBot);
  const task = await house.openTask({ agent: house.lookupBot.id, ttlSeconds: 10 });
  short = { task, agent, token: await agent.accept(task) };
});
after(async () => {
  await house.close();
  await upstream.close();
});

async function fresh(max = '250.00') {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  const authority = [...refundsUpTo(max), only('shop:orders.get', 'path.orderId', order)];
  const task = await house.openTask({ agent: bot.id, authority });
  return { bot, agent, task, token: await agent.accept(task), heard: upstream.heard.length };
}

/** What a person reads, at the terminal or in a tool. */
async function read(doing: Promise<unknown>, code: RefusalCode, says: RegExp): Promise<void> {
  await assert.rejects(doing, (error) => {
    assert.ok(error instanceof AmbitRefusal, String(error));
    assert.equal(error.code, code, error.says);
    assert.match(error.says, says);
    return true;
  });
}

async function spoken(bytes: string): Promise<string> {
  const { hostname, port } = new URL(house.plane.agents);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let text = '';
  socket.setTimeout(500, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

test('bytes that are no request are answered as such, or not at all', async () => {
  const heard = upstream.heard.length;
  const strange = [
    'hello\r\n\r\n',
    '\u0000\u0001\u0002\r\n\r\n',
    'GET /health HTTP/1.1\r\n\r\n',
    'POST /oauth/token HTTP/1.1\r\nhost: plane\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /oauth/token HTTP/1.1\r\nhost: plane\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
    'GET /health HTTP/1.1\r\nhost: plane\r\nx: a\n b\r\n c: d\r\n\r\n',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: plane\r\n\r\n`,
    `GET /health HTTP/1.1\r\nhost: plane\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
  ];
  for (const bytes of strange) assert.doesNotMatch(await spoken(bytes), /^HTTP\/1\.1 [2-3]/, bytes.slice(0, 60));
  assert.equal(upstream.heard.length, heard);
  assert.equal((await fetch(`${house.plane.agents}/health`)).status, 200, 'the plane is gone');
});

test('a body that is too large says how much may come, before it is read', async () => {
  const { agent, token, heard } = await fresh();
  const body = { amount: '1.00', currency: 'USD', reason: 'x'.repeat(1_100_000) };
  const told = await refused(await agent.call(token, 'POST', refundsPath, { body }), 'request.too_large');
  assert.match(told.detail, /at most 1048576 bytes/);
  assert.equal(upstream.heard.length, heard);
  const response = await agent.api(await agent.agentToken(), 'POST', '/v1/agent/tasks', {
    purpose: { type: 'support', text: 'x'.repeat(1_100_000) },
  });
  assert.match((await refused(response, 'request.too_large')).detail, /\d+ bytes|smaller body/);
});

test('who names an unknown API, action or path hears where to look', async () => {
  const { agent, token, heard } = await fresh();
  const asked = (method: string, path: string) => agent.call(token, method, path);
  assert.match(
    (await refused(await asked('GET', '/api/nowhere/orders/1042'), 'gateway.api_unknown')).detail,
    /name under which the API was imported/,
  );
  assert.match(
    (await refused(await asked('PUT', `/api/shop/orders/${order}`), 'catalog.no_match')).detail,
    /takes GET, not PUT/,
  );
  assert.match((await refused(await asked('GET', '/api/shop/admin'), 'catalog.no_match')).detail, /path/);
  assert.match(
    (await refused(await agent.api(token, 'GET', '/v1/nothing'), 'route.not_found')).detail,
    /Check the method and the path/,
  );
  assert.equal(upstream.heard.length, heard);
});

test('a token that is broken, bare, doubled or of another kind is refused with the next step', async () => {
  const { agent, token, heard } = await fresh();
  const path = `/api/shop/orders/${order}`;
  const [head = '', claims = '', signature = ''] = token.split('.');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
  const wide = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), exp: 9e9 }));
  const broken = [
    ...['x', '.', '..', 'a.b.c', `${head}.${claims}`, `${head}.${claims}.`, `${none}.${claims}.`, `${token}.x`],
    ...[`${head}.${wide.toString('base64url')}.${signature}`, `${'A'.repeat(9000)}.${claims}.${signature}`],
  ];
  for (const text of broken) {
    const response = await agent.call(text, 'GET', path);
    assert.equal(response.status, 401, text.slice(0, 40));
    assert.match(((await response.json()) as { detail: string }).detail, /Ask for a new token|Send exactly one/);
  }
  const bearer = await fetch(`${house.plane.agents}${path}`, { headers: { authorization: `Bearer ${token}` } });
  assert.match((await refused(bearer, 'token.bearer_refused')).detail, /under the DPoP scheme/);
  const bare = await fetch(`${house.plane.agents}${path}`);
  assert.match((await refused(bare, 'token.missing')).detail, /exactly one Authorization header/);
  const general = await agent.agentToken();
  assert.match(
    (await refused(await agent.call(general, 'GET', path), 'token.wrong_audience')).detail,
    /token of a task/,
  );
  const dpop = await agent.proof('GET', `${house.plane.agents}${path}`, { token });
  const twice = await spoken(
    `GET ${path} HTTP/1.1\r\nhost: plane\r\nauthorization: DPoP ${token}\r\nauthorization: DPoP ${token}\r\ndpop: ${dpop}\r\nconnection: close\r\n\r\n`,
  );
  assert.match(twice, /^HTTP\/1\.1 400 [\s\S]*Send authorization once/);
  assert.equal(upstream.heard.length, heard);
});

test('a proof that is broken, old, of the future or without a jti is refused with the next step', async () => {
  const { agent, token, heard } = await fresh();
  const path = `/api/shop/orders/${order}`;
  const url = `${house.plane.agents}${path}`;
  const now = Math.floor(Date.now() / 1000);
  const proofs = [
    'x',
    await agent.proof('GET', url, { token, claims: { iat: now - 3600 } }),
    await agent.proof('GET', url, { token, claims: { iat: now + 3600 } }),
    await agent.proof('GET', url, { token, claims: { iat: 'now' } }),
    await agent.proof('GET', url, { token, claims: { jti: undefined } }),
    await agent.proof('GET', url, { token, claims: { jti: 'x'.repeat(5000) } }),
    await agent.proof('GET', url, { token, header: { typ: 'jwt' } }),
    await agent.proof('GET', url, { token, header: { jwk: { ...agent.jwk, kty: 'oct' } } }),
    await agent.proof('GET', url),
  ];
  for (const proof of proofs) {
    const response = await agent.call(token, 'GET', path, { proof });
    const told = (await response.json()) as { detail: string; code: string };
    assert.equal(response.status, 401);
    assert.match(told.code, /^proof\./);
    assert.match(told.detail, /Sign a new DPoP proof|Send exactly one DPoP|sign a new DPoP proof/, told.detail);
  }
  assert.equal(upstream.heard.length, heard);
});

test('the token endpoint says what it wants', async () => {
  const { agent, task, token } = await fresh();
  const told = async (form: Record<string, string>) => {
    const response = await agent.tokenRequest(form);
    const said = (await response.json()) as { error: string; error_description: string };
    assert.ok(response.status === 400 || response.status === 401, `${response.status}`);
    assert.match(said.error_description, /^\S.{20,}$/);
    return said.error;
  };
  assert.equal(await told({ grant_type: 'password', username: 'alice', password: 'x' }), 'unsupported_grant_type');
  assert.equal(await told({ grant_type: 'client_credentials', client_secret: 'x' }), 'invalid_client');
  assert.equal(await told({ grant_type: 'client_credentials', client_assertion: 'x.y.z' }), 'invalid_client');
  assert.equal(await told({ grant_type: 'client_credentials', scope: 'admin' }), 'invalid_scope');
  const details = { grant_type: 'client_credentials', authorization_details: '{"type":"ambit_task"' };
  assert.equal(await told(details), 'invalid_authorization_details');
  const helper = await rawAgent(house, house.lookupBot);
  for (const odd of ['x', '[]', '{}', '[{"type":"other"}]', `[${'[]'.repeat(1)}]`]) {
    const form = { ...exchangeForm(token, await helper.actorToken(), []), authorization_details: odd };
    assert.match(await told(form), /^invalid_/);
  }
  assert.equal((await house.carol.operator.tasks.show(task)).run.length, 1);
  const json = await fetch(`${house.plane.agents}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  assert.equal(json.status, 400);
});

test('a stranger, and an agent that nobody registered, open no session and get no token', async () => {
  const agent = await rawAgent(house, {
    ...house.refundBot,
    id: house.refundBot.id.replace(/.{4}$/, 'zzzz') as AgentId,
  });
  await assert.rejects(agent.agentToken(), /no token: 401.*client\.unauthenticated/);
  const stranger = await connectOperator({ url: house.plane.people, person: house.alice.id, key: await newKey() });
  await read(stranger.me(), 'person.unauthenticated', /enrolled for you; ask an administrator/);
});

test('keys that are private, weak, known or no keys are refused, and the owner hears which', async () => {
  const { bot } = await fresh();
  const add = (jwk: unknown) => house.alice.operator.agents.addKey(bot.id, { jwk: jwk as never });
  const key = await newKey('ES256');
  await read(add(key), 'key.private', /Treat that key as leaked/);
  await read(add(publicHalf(house.refundBot.key)), 'key.known', /Make a new key/);
  const weak = { kty: 'RSA', n: 'AQAB', e: 'AQAB' };
  const off = { ...publicHalf(key), x: 'A'.repeat(43) };
  for (const odd of [weak, off, { kty: 'oct', k: 'AA' }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, {}, 'x', null])
    await assert.rejects(add(odd), /Ed25519 key|jwk|public/);
});

test('a description that cannot be read names the place', async () => {
  const load = (text: string) =>
    house.ada.operator.catalog.import({
      name: 'odd',
      text,
      server: 'https://odd.example',
      zone: 'default',
      environment: 'test',
    });
  const operation = { operationId: 'a', responses: { 200: { description: 'x' } } };
  const wrap = (paths: unknown, more = {}) =>
    JSON.stringify({ openapi: '3.1.0', info: { title: 'x', version: '1' }, paths, ...more });
  const odd = {
    'no JSON': '<html>',
    nothing: '',
    'a list': '[]',
    'another format': '{"openapi":"9.9.9"}',
    'no paths': '{"openapi":"3.1.0","info":{"title":"x","version":"1"}}',
    'a reference to nowhere': wrap({ '/a': { get: { ...operation, parameters: [{ $ref: '#/nowhere' }] } } }),
    'a reference elsewhere': wrap({
      '/a': { get: { ...operation, parameters: [{ $ref: 'https://evil.example/x' }] } },
    }),
    'a key twice': '{"openapi":"3.1.0","openapi":"3.1.0"}',
  };
  for (const [what, text] of Object.entries(odd))
    await assert.rejects(load(text), (error) => {
      assert.ok(error instanceof AmbitRefusal, `${what}: ${String(error)}`);
      assert.match(error.code, /^(catalog\.description_invalid|request\.malformed)$/, `${what}: ${error.says}`);
      assert.match(error.says, /.{15,}/, what);
      return true;
    });
  const { apis } = await house.ada.operator.catalog.list();
  assert.ok(!apis.some((api) => api.name === 'odd'), 'half a description was kept');
  await load(wrap({ orders: { get: operation } }));
  const { notes, review } = await house.ada.operator.catalog.show('odd');
  assert.equal(review.actions, 0);
  assert.match(JSON.stringify(notes), /orders.*is left out: its path/, 'what was left out is not said');
});

test('a policy that cannot be read names its line, and the one before stays in force', async () => {
  const { agent, token } = await fresh();
  for (const text of [
    'permit(',
    'forbid (principal, action, resource)',
    '@id("a") permit (principal == Nobody::"x", action, resource);',
    '\u0000',
    'x'.repeat(100_000),
  ])
    await read(house.ada.operator.policies.publish(text), 'policy.invalid', /line \d+|errors|names/i);
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
});

test('an authority that cannot be read names the part, and no task is opened', async () => {
  const before = (await house.alice.operator.tasks.list()).length;
  const grant = { type: 'ambit_grant', actions: ['shop:orders.get'] };
  const odd: Record<string, unknown> = {
    'no list': grant,
    'another type': [{ ...grant, type: 'payment_initiation' }],
    'an unknown member': [{ ...grant, extra: 1 }],
    'no action': [{ ...grant, actions: [] }],
    'an action that is none': [{ ...grant, actions: ['*'] }],
    'an unknown constraint': [{ ...grant, where: { 'path.orderId': { all: [{ roughly: '1042' }] } } }],
    'a negative limit': [{ ...grant, limits: [{ calls: -1 }] }],
    'a limit in words': [{ ...grant, limits: [{ sum: { max: 'ten', currency: 'USD' } }] }],
    'a range upside down': [{ ...grant, where: { 'query.limit': { all: [{ range: { min: '9', max: '1' } }] } } }],
    'too many grants': Array(5000).fill(grant),
  };
  for (const [what, authority] of Object.entries(odd))
    await assert.rejects(house.openTask({ authority: authority as never }), (error) => {
      assert.ok(error instanceof AmbitRefusal, `${what}: ${String(error)}`);
      assert.match(error.code, /^(authority\.|task\.beyond_|request\.)/, `${what}: ${error.says}`);
      assert.match(error.says, /authority|grant|action|ask for less/i, `${what}: ${error.says}`);
      return true;
    });
  assert.equal((await house.alice.operator.tasks.list()).length, before);
});

test('agents, tasks, people and purposes that do not exist are named as what they are', async () => {
  const none = house.refundBot.id.replace(/.{4}$/, 'zzzz') as AgentId;
  await read(house.openTask({ agent: none }), 'thing.not_found', /Check the id/);
  await read(house.alice.operator.tasks.show('tsk_nothing' as TaskId), 'thing.not_found', /Check the id/);
  await read(house.alice.operator.agents.show('x' as AgentId), 'thing.not_found', /Check the id/);
  const wish = { agent: house.refundBot.id, ttlSeconds: 60, authority: wholeShop };
  const opening = house.alice.operator.tasks.open({ ...wish, purpose: { type: 'fun', text: 'Why not.' } });
  await read(opening, 'task.purpose_unknown', /purpose types that the organisation keeps/);
  const endless = house.alice.operator.tasks.open({
    ...wish,
    ttlSeconds: 1e12,
    purpose: { type: 'support', text: 'For ever.' },
  });
  await read(endless, 'request.malformed', /ttlSeconds/);
});

test('of two who answer one question the second hears that it is over', async () => {
  const bot = await registerBot(house.alice, 'asking-bot');
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id });
  const parked = await refund(agent, await agent.accept(task), '80.00');
  assert.equal(parked.status, 202);
  const question = (await house.bob.operator.approvals.list()).find((one) => one.task === task);
  assert.ok(question);
  const writes = upstream.writes().length;
  const both = await Promise.allSettled([
    house.bob.operator.approvals.answer(question, 'yes'),
    house.bob.operator.approvals.answer(question, 'no', 'I thought again.'),
  ]);
  assert.equal(both.filter((one) => one.status === 'fulfilled').length, 1);
  await read(house.bob.operator.approvals.answer(question, 'yes'), 'approval.over', /was answered, it expired/);
  assert.ok(upstream.writes().length <= writes + 1);
});

const failures: Record<
  string,
  { behave: (request: Heard) => void; code: RefusalCode; says: RegExp; outcome: string; amount: string }
> = {
  'stays silent': {
    behave: () => undefined,
    code: 'gateway.upstream_unknown',
    says: /did not answer in time\..*do not repeat it unasked/,
    outcome: 'unknown',
    amount: '61.00',
  },
  'hangs up': {
    behave: ({ socket }) => socket.destroy(),
    code: 'gateway.upstream_unknown',
    says: /connection to the upstream broke\..*do not repeat it unasked/,
    outcome: 'unknown',
    amount: '62.00',
  },
  'says two lengths': {
    behave: ({ socket }) =>
      socket.end('HTTP/1.1 201 Created\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}       '),
    code: 'gateway.upstream_unknown',
    says: /not known; do not repeat it unasked/,
    outcome: 'unknown',
    amount: '63.00',
  },
  'says more than it may send': {
    behave: ({ socket }) => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 99999999999\r\n\r\n{}'),
    code: 'gateway.answer_withheld',
    says: /larger than this action may return/,
    outcome: 'done',
    amount: '64.00',
  },
  'redirects the payment': {
    behave: ({ socket }) =>
      socket.end('HTTP/1.1 307 Elsewhere\r\nlocation: http://evil.example/\r\ncontent-length: 0\r\n\r\n'),
    code: 'gateway.upstream_unknown',
    says: /does not follow redirects/,
    outcome: 'unknown',
    amount: '65.00',
  },
};

for (const [how, { behave: failing, code, says, outcome, amount }] of Object.entries(failures)) {
  test(`of an upstream that ${how} the agent hears what is known, and the log the same`, async () => {
    const { agent, task, token } = await fresh();
    behave = failing;
    const response = await refund(agent, token, amount);
    behave = fine;
    assert.match((await refused(response, code)).detail, says);
    const [step] = await callsOf(house, task);
    assert.equal(step?.decided, 'permit');
    assert.equal(step?.outcome?.code, outcome);
  });
}

test('an answer that is shorter than its length never looks whole', async () => {
  for (const ending of ['end', 'resetAndDestroy'] as const) {
    const { agent, task, token } = await fresh();
    behave = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{"id":"1042"}');
      setTimeout(() => socket[ending](), 30);
    };
    const reading = async () => (await agent.call(token, 'GET', `/api/shop/orders/${order}`)).text();
    await assert.rejects(reading(), 'half an answer was handed over as a whole one');
    behave = fine;
    const [step] = await callsOf(house, task, 'shop:orders.get');
    assert.notEqual(step?.outcome?.code, 'done');
  }
});

test('a second process on the same data says what to do, and disturbs nobody', async () => {
  const { agent, token } = await fresh();
  const ports = { AMBIT_AGENT_PORT: '0', AMBIT_PEOPLE_PORT: '0' };
  const child = startProcess({ ...settingsOf(house), ...ports });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const [status] = await once(child, 'exit');
  assert.equal(status, 1);
  assert.match(said, /another process holds the data directory .*: stop it, or name another directory/);
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
});

test('an upstream that is down is told apart from one that is silent: nothing was sent, and it may be tried again', async () => {
  const { agent, task, token } = await fresh('5.00');
  await upstream.close();
  const told = await refused(await refund(agent, token, '5.00'), 'gateway.upstream_unreachable');
  assert.match(told.detail, /nothing was sent\. Try again later/i);
  const [step] = await callsOf(house, task);
  assert.equal(step?.outcome?.code, 'failed');
  const next = await refund(agent, token, '5.00');
  await refused(next, 'gateway.upstream_unreachable');
});

test('when its time has come, a task is over for the agent, for its token and for who asked', async () => {
  const { agent, task, token } = short;
  const { expiresAt } = (await house.alice.operator.tasks.show(task)).task;
  const left = expiresAt - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left + 20));
  const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(response.status, 401);
  const told = (await response.json()) as { code: string; detail: string };
  assert.ok(['token.expired', 'task.ended'].includes(told.code), told.code);
  assert.match(told.detail, /Ask/);
  await assert.rejects(agent.taskToken(task), /task\.ended.*|The task is over/);
  const isWritten = async () => (await house.alice.operator.tasks.show(task)).task.state === 'expired' || undefined;
  await until('the entry of the end', isWritten);
  await read(house.alice.operator.tasks.revoke(task, 'Late.'), 'ending.over', /run shows when it ended/);
});
