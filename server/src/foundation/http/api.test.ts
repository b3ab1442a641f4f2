import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { anything, integer, object, optional, text } from '@ambit/protocol';
import { planeItself } from '../database/index.ts';
import { type Refusal, refuse, StoreFault } from '../errors.ts';
import { createApi, type Listening, listen } from './api.ts';
import { type Caller, type RawRequest, route, type WhoMay } from './route.ts';

type Recorded = { readonly refusal: Refusal; readonly request: RawRequest; readonly caller: Caller | null };

let recorded: Recorded[] = [];
let ran: unknown[] = [];
let recording: 'works' | 'fails' = 'works';
let api: Listening;

/** One request that waits: when it began, when it may go on, and when it is over. */
let waiting: { promise: Promise<void>; began: () => void; ended: () => void };

const body = object({ name: text({ max: 20 }), count: optional(integer({ min: 0, max: 9 })) });
const echo = async ({ body: given }: { body: unknown }) => {
  ran.push(given);
  return { status: 201, body: { given } };
};
const routes = [
  route({ method: 'POST', path: '/v1/things', who: 'agent', body, says: 'Adds.', run: echo }),
  route({ method: 'POST', path: '/v1/any', who: 'agent', body: object({ it: anything() }), says: 'Any.', run: echo }),
  route({
    method: 'POST',
    path: '/oauth/token',
    who: 'public',
    wire: 'oauth',
    body: object({ grant_type: text({ max: 40 }), scope: optional(text({ max: 40 })) }),
    says: 'Issues.',
    run: echo,
  }),
  route({
    method: 'GET',
    path: '/v1/things/:thing',
    who: 'agent',
    query: object({ state: optional(text({ max: 9 })) }),
    says: 'Shows.',
    run: async ({ params, query }) => ({ status: 200, body: { params, query } }),
  }),
  route({
    method: 'GET',
    path: '/v1/faults/:kind',
    who: 'public',
    says: 'Fails.',
    run: async ({ params }) => {
      if (params.kind === 'store') throw new StoreFault('/var/lib/secret-path is full');
      if (params.kind === 'refusal') throw refuse('task.taken', 'by key hunter2');
      if (params.kind === 'text') throw 'hunter2';
      throw new TypeError('hunter2 of undefined');
    },
  }),
  route({
    method: 'GET',
    path: '/v1/waits/:when',
    who: 'public',
    says: 'Waits until the caller has gone, and looks before that or only then.',
    run: async (input) => {
      const early = input.params.when === 'early' ? input.gone : undefined;
      const left = waiting.promise;
      waiting.began();
      await left;
      ran.push((early ?? input.gone).aborted);
      waiting.ended();
      return { status: 200, body: {} };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/stream',
    who: 'public',
    says: 'Streams.',
    run: async () => ({
      status: 200,
      text: {
        type: 'text/plain',
        content: (async function* () {
          yield 'a';
          yield 'b';
        })(),
      },
    }),
  }),
];

async function authenticate(who: WhoMay, request: RawRequest): Promise<Caller> {
  if (who === 'public') return { kind: 'public', who: planeItself };
  if (request.headers.authorization !== 'Alice') throw refuse('token.missing', 'nobody called');
  return { kind: 'person', tenant: 'ten_1', person: 'psn_alice', roles: [], who: planeItself } as unknown as Caller;
}

before(async () => {
  const record = async (refusal: Refusal, request: RawRequest, caller: Caller | null) => {
    if (recording === 'fails') throw new StoreFault('/var/lib/secret-path is gone');
    recorded.push({ refusal, request, caller });
    return `ent_${recorded.length}`;
  };
  const options = { routes, authenticate, record, bodyBytesMax: 1000 };
  const beforeIt = (request: { url?: string | undefined }, response: { end(text: string): void }) => {
    if (request.url?.startsWith('/api/') !== true) return false;
    response.end('taken');
    return true;
  };
  api = await listen(createApi({ ...options, before: beforeIt }), '127.0.0.1', 0);
});
after(() => api.close());
beforeEach(() => {
  [recorded, ran, recording] = [[], [], 'works'];
});

async function send(method: string, path: string, content?: string | Uint8Array, headers: Record<string, string> = {}) {
  const answer = await fetch(api.url + path, {
    method,
    headers: { authorization: 'Alice', ...headers },
    ...(content === undefined ? {} : { body: Buffer.from(content as string) }),
  });
  const read = await answer.text();
  const json = read.startsWith('{') ? (JSON.parse(read) as Record<string, unknown>) : {};
  return { status: answer.status, headers: answer.headers, text: read, json, code: json.code };
}
const json = { 'content-type': 'application/json' };
const post = (content: string | Uint8Array, headers: Record<string, string> = json, path = '/v1/things') =>
  send('POST', path, content, headers);
const formed = { 'content-type': 'application/x-www-form-urlencoded' };

/** Bytes as they are, for what no client would send. */
function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    let heard = '';
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer came')));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (heard.includes('\r\n\r\n')) socket.end();
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

describe('a request that fits its route', () => {
  test('is answered by it, never cached, and leaves nothing to record', async () => {
    const answer = await post('{"name":"a","count":3}');
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.json, { given: { name: 'a', count: 3 } });
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(recorded.length, 0);
  });

  test('has its parameters and query read, and JSON under any spelling of its type', async () => {
    const answer = await send('GET', '/v1/things/t%C3%B6?state=open');
    assert.deepEqual(answer.json, { params: { thing: 'tö' }, query: { state: 'open' } });
    assert.equal((await post('{"name":"a"}', { 'content-type': 'Application/JSON; charset=utf-8' })).status, 201);
    assert.equal((await post('grant_type=x&scope=a+b', formed, '/oauth/token')).status, 201);
    assert.deepEqual({ ...(ran.at(-1) as object) }, { grant_type: 'x', scope: 'a b' });
  });

  test('may be answered piece by piece, or taken before the API sees it', async () => {
    assert.equal((await send('GET', '/v1/stream')).text, 'ab');
    assert.equal((await send('GET', '/api/shop/orders')).text, 'taken');
  });
});

describe('a request that fits nothing is refused, recorded, and never runs', () => {
  afterEach(() => assert.deepEqual(ran, []));

  async function isRefused(answer: Awaited<ReturnType<typeof send>>, status: number, code: string, times = 1) {
    assert.deepEqual([answer.status, answer.code], [status, code]);
    assert.match(String(answer.headers.get('content-type')), /^application\/problem\+json/);
    assert.equal(recorded.length, times);
    assert.equal(recorded.at(-1)?.refusal.code, code);
    assert.equal(answer.json.entry, `ent_${times}`);
  }

  test('an unknown path, or a known one with another method', async () => {
    await isRefused(await send('GET', '/v1/nothing'), 404, 'route.not_found');
    await isRefused(await send('DELETE', '/v1/things'), 404, 'route.not_found', 2);
    await isRefused(await send('GET', '/v1/things'), 404, 'route.not_found', 3);
    await isRefused(await send('PROPFIND', '/v1/things'), 404, 'route.not_found', 4);
    await isRefused(await send('GET', '/V1/things/a'), 404, 'route.not_found', 5);
    assert.equal((await send('HEAD', '/v1/things/a')).status, 404);
    assert.equal(recorded.length, 6);
  });

  test('a path that cannot be decoded', async () => {
    await isRefused(await send('GET', '/v1/things/%zz'), 400, 'request.malformed');
    await isRefused(await send('GET', '/v1/things/%C3%28'), 400, 'request.malformed', 2);
  });

  test('a caller that is not known: before its body is looked at, and with no caller in the record', async () => {
    await isRefused(await post('{"name"', { ...json, authorization: 'Mallory' }), 401, 'token.missing');
    assert.equal(recorded[0]?.caller, null);
  });

  test('a body that is not the JSON it says', async () => {
    const bad = [
      '{',
      '{"name":"a"',
      '{"name":"a"}}',
      "{'name':'a'}",
      '{"name":"a",}',
      'null',
      '[]',
      '"a"',
      '\ufeff{"name":"a"}',
    ]
      .concat([
        '{"name":"a","name":"b"}',
        '{"name":"a","n\\u0061me":"b"}',
        '{"name":"\\ud800"}',
        '{"name":"a","count":01}',
      ])
      .concat(['{"name":"a","count":1e400}', '{"name":"a"} x', '{"name":NaN}', '{"name":"a","__proto__":{}}']);
    for (const [i, one] of bad.entries()) await isRefused(await post(one), 400, 'request.malformed', i + 1);
    assert.ok(
      recorded.every(({ caller }) => caller?.kind === 'person'),
      'who sent it is known',
    );
  });

  test('a body that is not UTF-8', async () => {
    await isRefused(await post(Buffer.from('7b226e616d65223a22ff227d', 'hex')), 400, 'request.malformed');
  });

  test('a body that does not fit its shape: the sentence names the place', async () => {
    const bad: readonly [string, RegExp][] = [
      ['{}', /name/],
      ['{"name":7}', /name/],
      ['{"name":"a","count":10}', /count/],
      ['{"name":"a","count":1.5}', /count/],
      ['{"name":"a","more":true}', /more/],
      [`{"name":"${'x'.repeat(21)}"}`, /name/],
    ];
    for (const [i, [one, says]] of bad.entries()) {
      const answer = await post(one);
      await isRefused(answer, 400, 'request.malformed', i + 1);
      assert.match(String(answer.json.detail), says);
    }
  });

  test('a body nested too deeply', async () => {
    const deep = `{"it":${'['.repeat(400)}${']'.repeat(400)}}`;
    await isRefused(await post(deep, json, '/v1/any'), 400, 'request.malformed');
  });

  test('a body of another type, or of none', async () => {
    await isRefused(await post('name=a', formed), 415, 'request.unsupported_media_type');
    await isRefused(
      await post('{"name":"a"}', { 'content-type': 'text/plain' }),
      415,
      'request.unsupported_media_type',
      2,
    );
    await isRefused(await post(Buffer.from('{"name":"a"}'), {}), 415, 'request.unsupported_media_type', 3);
    await isRefused(
      await post('x', { 'content-type': 'application/json-patch+json' }),
      415,
      'request.unsupported_media_type',
      4,
    );
  });

  test('a body that is too large, whether it says so or not', async () => {
    const large = `{"name":"${'x'.repeat(2000)}"}`;
    const answer = await post(large);
    await isRefused(answer, 413, 'request.too_large');
    assert.match(String(answer.json.detail), /1000/);
    const chunks = `POST /v1/things HTTP/1.1\r\nhost: x\r\nauthorization: Alice\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n0\r\n\r\n`;
    assert.match(await raw(chunks), /^HTTP\/1\.1 413 /);
    assert.equal(recorded.length, 2);
  });

  test('a body that only publishers of long texts may send, before anybody is asked who sent it', async () => {
    const record = async () => undefined;
    const row = {
      method: 'POST',
      body: object({ it: anything() }),
      says: 'Takes.',
      run: async () => ({ status: 201 }),
    } as const;
    const rows = [route({ ...row, path: '/few', who: 'person' }), route({ ...row, path: '/long', who: 'catalog' })];
    const large = createApi({ routes: rows, authenticate, record, bodyBytesMax: 1_000_000 });
    const payload = { it: 'x'.repeat(600_000) };
    const sent = async (url: string) =>
      (await large.inject({ method: 'POST', url, headers: { authorization: 'Alice' }, payload })).statusCode;
    assert.deepEqual([await sent('/few'), await sent('/long')], [413, 201]);
    await large.close();
  });

  test('a large body while others take all the room, and never a short one; the room comes back', async () => {
    const entries: string[] = [];
    const record = async ({ code }: Refusal) => `ent_${entries.push(code)}`;
    const row = { method: 'POST', path: '/long', who: 'catalog', says: 'Takes.' } as const;
    const long = route({ ...row, body: object({ it: anything() }), run: async () => ({ status: 201 }) });
    const limits = { bodyBytesMax: 100_000, heldBytesMax: 150_000 };
    const narrow = await listen(createApi({ routes: [long], authenticate, record, ...limits }), '127.0.0.1', 0);
    const { hostname, port } = new URL(narrow.url);
    const slow = connect(Number(port), hostname);
    // Nobody knows who this is, and it never sends what it says it will.
    slow.write('POST /long HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99000\r\n\r\n{');
    const sent = async (length: number) => {
      const init = { method: 'POST', headers: { authorization: 'Alice', ...json } };
      const answer = await fetch(`${narrow.url}/long`, { ...init, body: JSON.stringify({ it: 'x'.repeat(length) }) });
      await answer.text();
      return [answer.status, answer.headers.get('ambit-entry')];
    };
    const until = async (status: number) => {
      const end = Date.now() + 5000;
      while ((await sent(90_000))[0] !== status) assert.ok(Date.now() < end, `never ${status}`);
    };
    await until(503);
    assert.deepEqual([...new Set(entries)], ['request.too_busy']);
    assert.equal((await sent(90_000))[1], `ent_${entries.length}`);
    assert.deepEqual(await sent(10_000), [201, null]);
    slow.destroy();
    await until(201);
    await narrow.close();
  });

  test('a query with what the route does not know, or twice', async () => {
    await isRefused(await send('GET', '/v1/things/a?other=1'), 400, 'request.malformed');
    await isRefused(await send('GET', '/v1/things/a?state=a&state=b'), 400, 'request.malformed', 2);
    await isRefused(await send('GET', '/v1/things/a?__proto__=1'), 400, 'request.malformed', 3);
  });

  test('a form with a parameter twice, in the words of OAuth', async () => {
    for (const [i, form] of [
      'grant_type=a&grant_type=b',
      'grant_type=a&gr%61nt_type=b',
      '',
      'x=1',
      'grant_type=a&__proto__=b',
    ].entries()) {
      const answer = await post(form, formed, '/oauth/token');
      assert.deepEqual(
        [answer.status, answer.json.error, answer.code],
        [400, 'invalid_request', 'request.malformed'],
        form,
      );
      assert.equal(recorded.length, i + 1);
    }
    const other = await post('{"grant_type":"a"}', json, '/oauth/token');
    assert.deepEqual([other.status, other.json.error], [400, 'invalid_request']);
  });

  test('bytes that are no HTTP are answered by none of it', async () => {
    for (const bytes of [
      'BREW /v1/things HTTP/1.1\r\nhost: x\r\n\r\n',
      'GET /v1/things HTTP/1.1\r\nhost: x\r\nbad header: x\r\n\r\n',
      'POST /v1/things HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      `GET /v1/things/a HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    ]) {
      assert.match(await raw(bytes), /^HTTP\/1\.1 4\d\d /, bytes.slice(0, 60));
    }
  });
});

test('a caller that has gone is noticed, whether its route looked before or only afterwards', async () => {
  for (const when of ['early', 'late']) {
    const [began, left, ended] = [0, 1, 2].map(() => Promise.withResolvers<void>());
    waiting = { promise: left!.promise, began: began!.resolve, ended: ended!.resolve };
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /v1/waits/${when} HTTP/1.1\r\nhost: a\r\n\r\n`);
    await began!.promise;
    socket.destroy();
    // The server hears of it within a turn or two of its loop, which are waited for after a fifth of a second.
    setTimeout(() => setImmediate(() => setImmediate(left!.resolve)), 200);
    await ended!.promise;
    assert.deepEqual(ran.splice(0), [true], when);
  }
});

describe('what goes wrong inside', () => {
  test('is a 500 or 503 to the caller, without its text, and whole in the record', async () => {
    for (const [kind, status, code] of [
      ['error', 500, 'plane.fault'],
      ['text', 500, 'plane.fault'],
      ['store', 503, 'store.unavailable'],
    ] as const) {
      const answer = await send('GET', `/v1/faults/${kind}`);
      assert.deepEqual([answer.status, answer.code], [status, code]);
      assert.doesNotMatch(answer.text, /hunter2|secret-path|TypeError/);
    }
    assert.match(recorded[0]!.refusal.because, /TypeError: hunter2 of undefined/);
    assert.match(recorded[2]!.refusal.because, /secret-path/);
  });

  test('says of a refusal only its safe sentence', async () => {
    const answer = await send('GET', '/v1/faults/refusal');
    assert.deepEqual([answer.status, answer.code], [409, 'task.taken']);
    assert.doesNotMatch(answer.text, /hunter2/);
  });

  test('is still a refusal where it cannot be recorded, and says nothing of why', async () => {
    recording = 'fails';
    for (const answer of [
      await send('GET', '/v1/faults/refusal'),
      await send('GET', '/v1/nothing'),
      await post('{"name"'),
      await post(`{"name":"${'x'.repeat(2000)}"}`),
    ]) {
      assert.deepEqual([answer.status, answer.code], [503, 'store.unavailable']);
      assert.equal('entry' in answer.json, false);
      assert.doesNotMatch(answer.text, /secret-path|StoreFault/);
    }
    assert.deepEqual(ran, []);
  });
});
