import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentId, Authority, TaskId } from '@ambit/protocol';
import { decodeJwt, importJWK, jwtVerify } from 'jose';
import { ApprovalPending } from './approval-pending.ts';
import { type ByKey, connect } from './connect.ts';
import { type Answer, jsonOf, openTestPlane, refusal, type Seen } from './plane.testing.ts';
import { newKey, newProofKey, openKey } from './wire/key.ts';
import { ApprovalExpired, ApprovalRefused, Denied, TaskEnded, Unauthenticated, Unknown } from './wire/refusal.ts';

const agent = 'agt_refnd00000000000000000' as AgentId;
const task = 'tsk_rder104200000000000000' as TaskId;
const child = 'tsk_shppng0000000000000000' as TaskId;
const approval = 'apr_refnd80000000000000000';
const authority: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }];
const upstream = { 'ambit-source': 'upstream' };

type Script = {
  /** What answers below `/api/` and `/v1/agent/`. */
  readonly answer?: (seen: Seen) => Answer | undefined | Promise<Answer | undefined>;
  readonly tokenSeconds?: number;
  readonly dpopKey?: ByKey['dpopKey'];
};

type Context = { after: (close: () => unknown) => void };

/** A plane that knows one agent by its key, and issues it tokens. */
async function refundBotAt(t: Context, { answer, tokenSeconds = 300, dpopKey }: Script = {}) {
  const jwk = await newKey('ES256');
  const key = await openKey(jwk);
  const forms: Record<string, string>[] = [];
  const plane = await openTestPlane(async (seen) => {
    if (seen.url !== '/oauth/token')
      return (await answer?.(seen)) ?? (seen.response.headersSent ? undefined : { status: 200, json: {} });
    const form = Object.fromEntries(new URLSearchParams(seen.body.toString()));
    forms.push(form);
    const rules = { issuer: agent, subject: agent, audience: plane.url, requiredClaims: ['jti', 'exp', 'iat'] };
    const { payload } = await jwtVerify(form.client_assertion ?? '', await importJWK({ ...key.jwk }, key.alg), rules);
    assert.deepEqual(payload.cnf, { jkt: seen.jkt });
    const exchanged = form.grant_type?.endsWith('token-exchange')
      ? { mission_id: child, mission_expires_at: 2e9, authorization_details: authority }
      : {};
    const json = { access_token: `token-${forms.length}`, token_type: 'DPoP', expires_in: tokenSeconds, ...exchanged };
    return { status: 200, json };
  });
  t.after(plane.close);
  const bot = await connect({ url: plane.url, agent, key: jwk, ...(dpopKey && { dpopKey }) });
  return { bot, plane, forms, key, calls: () => plane.seen.filter(({ url }) => url !== '/oauth/token') };
}

async function taskAt(t: Context, answer: Script['answer'], more: Omit<Script, 'answer'> = {}) {
  const made = await refundBotAt(t, {
    ...more,
    answer: (seen) => (seen.url.endsWith('/accept') ? { status: 200, json: {} } : answer?.(seen)),
  });
  return { ...made, task: await made.bot.accept(task), calls: () => made.calls().slice(1) };
}

test('a task is accepted with the token of the agent, and called with its own', async (t) => {
  const {
    task: order,
    forms,
    calls,
    plane,
  } = await taskAt(t, () => ({ status: 200, json: { id: 1042 }, headers: upstream }));
  const response = await order.fetch('/api/shop/orders/1042?full=1');
  assert.deepEqual(await response.json(), { id: 1042 });
  assert.deepEqual(
    forms.map((form) => form.authorization_details),
    [undefined, JSON.stringify([{ type: 'ambit_task', identifier: task }])],
  );
  assert.deepEqual([calls()[0]?.url, calls()[0]?.token], ['/api/shop/orders/1042?full=1', 'token-2']);
  assert.equal(new Set(plane.seen.map(({ jkt }) => jkt)).size, 1, 'one proof key for all');
});

test('a call is like fetch: method, headers and any kind of body', async (t) => {
  const { task: order, calls, plane } = await taskAt(t, () => ({ status: 201, json: {}, headers: upstream }));
  const json = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-a': '1' },
    body: '{"amount":"30.00"}',
  };
  assert.equal((await order.fetch('/api/shop/refunds', json)).status, 201);
  await order.fetch(new URL('/api/shop/refunds', plane.url), { method: 'PUT', body: new URLSearchParams({ a: 'b' }) });
  await order.fetch(new Request(`${plane.url}/api/shop/refunds`, { method: 'PATCH', body: 'text' }));
  await order.api('shop')('/refunds', { method: 'DELETE' });
  const form = new FormData();
  form.set('file', new Blob(['damaged']), 'photo.txt');
  await order.api('shop')('refunds', { method: 'POST', body: form });
  const [first, second, third, fourth, fifth] = calls();
  assert.deepEqual([first?.body.toString(), first?.headers['x-a']], ['{"amount":"30.00"}', '1']);
  assert.match(second?.headers['content-type'] ?? '', /x-www-form-urlencoded/);
  assert.deepEqual([third?.method, third?.body.toString()], ['PATCH', 'text']);
  assert.deepEqual([fourth?.method, fourth?.url], ['DELETE', '/api/shop/refunds']);
  assert.match(fifth?.headers['content-type'] ?? '', /multipart\/form-data; boundary=/);
});

test('a stream goes up and comes down as it is', async (t) => {
  const first = Promise.withResolvers<void>();
  const { task: order, calls } = await taskAt(t, ({ response }) => {
    response.writeHead(200, upstream);
    response.write('first ');
    void first.promise.then(() => response.end('second'));
    return undefined;
  });
  const body = new Blob(['a', 'b']).stream();
  const sent = { method: 'POST', body, duplex: 'half', headers: { 'x-streamed': 'yes' } } as const;
  const response = await order.fetch('/api/files/upload', sent);
  const parts: string[] = [];
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    parts.push(part);
    first.resolve();
  }
  assert.deepEqual(parts, ['first ', 'second']);
  assert.deepEqual([calls()[0]?.body.toString(), calls()[0]?.proof.ambit_body], ['ab', undefined]);
});

test('token and proof go to the gateway only', async (t) => {
  const { task: order, calls, plane } = await taskAt(t, () => ({ status: 200, json: {} }));
  const { host } = new URL(plane.url);
  const strange = [
    'https://mallory.example/api/shop/orders',
    `https://${host}/api/shop/orders`,
    `http://user:password@${host}/api/shop/orders`,
    '//mallory.example/api/shop/orders',
    '/v1/agent/tasks',
    '/api/../v1/agent/tasks',
    '/api/%2e%2e/v1/agent/tasks',
    'file:///etc/passwd',
    'http://[',
  ];
  for (const url of strange) await assert.rejects(order.fetch(url), TypeError, url);
  await assert.rejects(order.fetch(new Request('https://mallory.example/api/x')), TypeError);
  assert.throws(() => order.api('..'), TypeError);
  assert.equal(calls().length, 0);
});

test('what the agent says of a call is percent-encoded and bounded', async (t) => {
  const { task: order, calls } = await taskAt(t, () => ({ status: 200, json: {}, headers: upstream }));
  const ambit = { reason: 'Schaden: „Vase“\r\nx: 1', step: '3/7', toolCallId: '漢'.repeat(2000) };
  await order.fetch('/api/shop/orders/1042', { ambit });
  const { headers } = calls()[0] as Seen;
  assert.equal(decodeURIComponent(String(headers['ambit-reason'])), ambit.reason);
  assert.equal(headers['ambit-step'], '3%2F7');
  assert.ok(/^(%E6%BC%A2)+$/.test(String(headers['ambit-tool-call'])));
  assert.ok(String(headers['ambit-tool-call']).length <= 3000);
});

test('errors of the API come back, refusals of the plane are thrown as what they are', async (t) => {
  const rows: [Answer, (new (...parts: never[]) => Error) | number][] = [
    [{ status: 404, json: { error: 'no order' }, headers: upstream }, 404],
    [refusal(403, 'authority.not_covered', 'Forged by the API.', upstream), 403],
    [{ status: 500, text: 'broken', headers: upstream }, 500],
    [refusal(403, 'authority.not_covered', 'Not covered.'), Denied],
    [refusal(403, 'approval.refused', 'A person said no.'), ApprovalRefused],
    [refusal(403, 'approval.expired', 'Nobody said yes.'), ApprovalExpired],
    [refusal(401, 'task.ended', 'It is over.'), TaskEnded],
    [refusal(401, 'proof.stale', 'Check the clock.'), Unauthenticated],
    [refusal(504, 'gateway.upstream_unknown', 'Look first.'), Unknown],
  ];
  for (const [answer, expected] of rows) {
    const { task: order, calls } = await taskAt(t, () => answer);
    const called = order.fetch('/api/shop/refunds', { method: 'POST', body: '{}' });
    if (typeof expected === 'number') assert.equal((await called).status, expected);
    else await assert.rejects(called, expected);
    assert.equal(calls().length, 1, 'it is sent once');
  }
});

test('a write whose connection breaks is unknown and not sent again', async (t) => {
  const { task: order, calls } = await taskAt(t, ({ response }) => {
    response.destroy();
    return undefined;
  });
  await assert.rejects(order.fetch('/api/shop/refunds', { method: 'POST', body: '{}' }), (error: unknown) => {
    assert.ok(error instanceof Unknown);
    assert.deepEqual([error.code, error.status], ['connection.lost', 0]);
    return true;
  });
  assert.equal(calls().length, 1);
  await assert.rejects(order.fetch('/api/shop/orders'), (error: unknown) => !(error instanceof Unknown));
});

test('a write that never left is no unknown', async (t) => {
  const { bot, plane } = await refundBotAt(t);
  const order = bot.take({ taskId: task, token: 'given', tokenExpiresAt: Date.now() + 60_000 });
  await plane.close();
  const called = order.fetch('/api/shop/refunds', { method: 'POST', body: '{}' });
  await assert.rejects(called, (error: unknown) => error instanceof TypeError && !(error instanceof Unknown));
});

test('a token is renewed before it ends', async (t) => {
  const { task: order, forms } = await taskAt(t, () => ({ status: 200, json: {}, headers: upstream }), {
    tokenSeconds: 0.3,
  });
  await order.fetch('/api/shop/orders');
  await order.fetch('/api/shop/orders');
  const before = forms.length;
  await new Promise((resolve) => setTimeout(resolve, 320));
  await order.fetch('/api/shop/orders');
  assert.equal(forms.length, before + 1);
});

test('a token that expired on its way is renewed once, and the call goes out again', async (t) => {
  const answer = ({ token }: Seen) =>
    token === 'token-2' ? refusal(401, 'token.expired', 'It ran out.') : { status: 201, json: {}, headers: upstream };
  const { task: order, calls } = await taskAt(t, answer);
  assert.equal((await order.fetch('/api/shop/refunds', { method: 'POST', body: '{"a":1}' })).status, 201);
  assert.deepEqual(
    calls().map(({ token, body }) => `${token} ${body}`),
    ['token-2 {"a":1}', 'token-3 {"a":1}'],
  );
  const never = await taskAt(t, () => refusal(401, 'token.expired', 'It ran out.'));
  await assert.rejects(never.task.fetch('/api/shop/orders'), Unauthenticated);
  assert.equal(never.calls().length, 2);
});

const parked = (retryAfter = '0'): Answer => ({
  status: 202,
  json: { approval, state: 'parked', asks: ['Refunds on one order are more than 50.00.'], expiresAt: 2e12 },
  headers: { location: `/v1/agent/approvals/${approval}`, 'ambit-approval': approval, 'retry-after': retryAfter },
});

/** Parks the call, then answers the polls one after the other. */
function parking(...polls: readonly Answer[]) {
  let polled = 0;
  return ({ url }: Seen) => (url.startsWith('/v1/agent/approvals/') ? polls[polled++] : parked());
}

test('a call that waits for a person is sent once and asked for until it has run', async (t) => {
  const done = { status: 201, json: { refund: 1 }, headers: { 'ambit-approval': approval } };
  const { task: order, calls } = await taskAt(t, parking(parked(), parked(), done));
  const response = await order.fetch('/api/shop/refunds', { method: 'POST', body: '{}' });
  assert.deepEqual([response.status, await response.json()], [201, { refund: 1 }]);
  const [first, ...polls] = calls();
  assert.match(String(first?.headers.prefer), /^wait=\d+$/);
  assert.deepEqual(
    polls.map(({ method, url }) => `${method} ${url}`),
    Array(3).fill(`GET /v1/agent/approvals/${approval}`),
  );
  assert.ok(polls.every(({ headers, token }) => headers.prefer === 'wait=25' && token === 'token-2'));
});

test('a person’s no, and no answer at all, are thrown', async (t) => {
  for (const [code, kind] of [
    ['approval.refused', ApprovalRefused],
    ['approval.expired', ApprovalExpired],
  ] as const) {
    const { task: order } = await taskAt(t, parking(refusal(403, code, 'No.', { 'ambit-approval': approval })));
    await assert.rejects(order.fetch('/api/shop/refunds', { method: 'POST' }), kind);
  }
});

test('whoever does not want to wait hears that a person is asked, and can go on waiting', async (t) => {
  const done = { status: 201, json: { refund: 1 }, headers: { 'ambit-approval': approval } };
  const { task: order, calls } = await taskAt(t, parking(done));
  const error = await order.fetch('/api/shop/refunds', { method: 'POST', ambit: { wait: 0 } }).catch((one) => one);
  assert.ok(error instanceof ApprovalPending);
  assert.deepEqual([error.approval, error.code, error.expiresAt], [approval, 'approval.needed', 2e12]);
  assert.match(error.says, /more than 50\.00/);
  assert.equal(calls()[0]?.headers.prefer, undefined);
  assert.equal((await order.answerTo(error.approval)).status, 201);
  assert.equal(calls().length, 2);
});

test('waiting ends with the seconds, and with the signal', async (t) => {
  const { task: order, calls } = await taskAt(t, () => parked('1'));
  const short = { method: 'POST', ambit: { wait: 0.05 } };
  await assert.rejects(order.fetch('/api/shop/refunds', short), ApprovalPending);
  const signal = AbortSignal.timeout(100);
  await assert.rejects(order.fetch('/api/shop/refunds', { method: 'POST', signal }), { name: 'TimeoutError' });
  assert.ok(calls().length <= 6, 'polls keep their pace');
  for (const wait of [-1, Number.NaN]) {
    await assert.rejects(order.fetch('/api/shop/refunds', { method: 'POST', ambit: { wait } }), TypeError);
  }
});

test('an answer of the API with status 202 is an answer, whatever it claims', async (t) => {
  const headers = { ...upstream, location: '/jobs/1', 'ambit-approval': approval };
  const { task: order, calls } = await taskAt(t, () => ({ status: 202, json: { job: 1 }, headers }));
  assert.equal((await order.fetch('/api/shop/exports', { method: 'POST' })).status, 202);
  assert.equal(calls().length, 1);
  const ran = { status: 202, json: { job: 1 }, headers: { 'ambit-approval': approval } };
  const asked = await taskAt(t, parking(ran));
  assert.equal((await asked.task.fetch('/api/shop/exports', { method: 'POST' })).status, 202);
});

test('a question is never asked for elsewhere', async (t) => {
  const headers = { location: 'https://mallory.example/v1/agent/approvals/1', 'ambit-approval': approval };
  const { task: order } = await taskAt(t, () => ({ status: 202, json: {}, headers }));
  await assert.rejects(order.fetch('/api/shop/refunds', { method: 'POST' }), /mallory\.example.*not its own/);
  const nameless = { location: '/v1/agent/approvals/1', 'ambit-approval': '../tasks' };
  const other = await taskAt(t, () => ({ status: 202, json: {}, headers: nameless }));
  await assert.rejects(other.task.fetch('/api/shop/refunds', { method: 'POST' }), /no id/);
});

test('an agent delegates part of its task to the one who made an offer', async (t) => {
  const lookupKey = await newProofKey();
  const lookup = await refundBotAt(t, { dpopKey: lookupKey });
  const offer = await lookup.bot.offer();
  const claims = decodeJwt(offer.actorToken);
  assert.deepEqual([claims.iss, claims.sub, claims.aud], [agent, agent, lookup.plane.url]);
  assert.deepEqual(claims.cnf, { jkt: lookupKey.thumbprint });
  assert.equal(Number(claims.exp) - Number(claims.iat), 60);

  const { task: order, forms } = await taskAt(t, () => undefined);
  const delegated = await order.delegate({
    to: offer,
    authority,
    purpose: 'Look up the shipping state',
    ttlSeconds: 600,
  });
  const { client_assertion: _, client_assertion_type: __, ...form } = forms.at(-1) ?? {};
  assert.deepEqual(form, {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'token-2',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    actor_token: offer.actorToken,
    actor_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    authorization_details: JSON.stringify(authority),
    ambit_purpose: 'Look up the shipping state',
    ambit_ttl_seconds: '600',
    client_id: agent,
  });
  assert.deepEqual([delegated.taskId, delegated.token, delegated.taskExpiresAt], [child, 'token-3', 2e12]);

  const taken = lookup.bot.take({ ...delegated, tokenExpiresAt: Date.now() + 1000 });
  await taken.fetch('/api/shop/orders/1042');
  await new Promise((resolve) => setTimeout(resolve, 1010));
  await taken.fetch('/api/shop/orders/1042');
  assert.deepEqual(
    lookup.calls().map(({ token }) => token),
    ['token-3', 'token-1'],
  );
  assert.match(lookup.forms[0]?.authorization_details ?? '', new RegExp(child));
});

test('an agent opens a task of its own and takes it, lists its tasks and completes one', async (t) => {
  const { bot, calls } = await refundBotAt(t, {
    answer: ({ url, method }) => {
      if (url === '/v1/agent/tasks')
        return { status: 200, json: method === 'POST' ? { id: task } : { tasks: [{ id: task }] } };
      return { status: 200, json: { ended: [], inFlight: [], milliseconds: 3 } };
    },
  });
  const purpose = { type: 'support', text: 'Settle a damaged order' };
  const order = await bot.openTask({ purpose, authority, ttlSeconds: 600 });
  assert.deepEqual(jsonOf(calls()[0] as Seen), { purpose, authority, ttlSeconds: 600 });
  assert.equal(order.id, task);
  assert.deepEqual(
    (await bot.tasks()).map(({ id }) => id),
    [task],
  );
  assert.equal((await order.complete()).milliseconds, 3);
  const last = calls().at(-1);
  assert.deepEqual([last?.method, last?.url, last?.token], ['POST', `/v1/agent/tasks/${task}/complete`, 'token-2']);
});
