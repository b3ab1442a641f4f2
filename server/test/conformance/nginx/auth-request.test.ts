/** nginx `auth_request` in front of the shop, with a real nginx: the decision-only door, and where it ends. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersIn, openLine } from '../../attacks/wire.ts';
import { freePort } from '../../free-port.ts';
import { type Bot, type House, only, openHouse, order, registerBot } from '../../house.ts';
import { type RawAgent, rawAgent } from '../../raw-agent.ts';

const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find(existsSync);
const skip = nginx === undefined ? 'nginx is not installed here: apt-get install nginx-light' : false;

let house: House;
let frontBot: Bot;
let agent: RawAgent;
let proxy: { readonly url: string; readonly process: ChildProcess };
let token: string;

/** The read and the write of the story, and a read whose grant counts calls, for the API as nginx serves it. */
const authority = [
  only('front:orders.get', 'path.orderId', order),
  { ...only('front:shipping.get', 'path.orderId', order), limits: [{ calls: 2 }] },
  only('front:refunds.create', 'path.orderId', order),
  only('front:orders.removeNote', 'path.orderId', order),
];

const hidden = 'GET /payroll HTTP/1.1\r\nhost: x\r\n\r\n';
const printed = (line: string, head: readonly string[], body = '') => `${[line, ...head].join('\r\n')}\r\n\r\n${body}`;

/** Requests that two readers on the way could read in two ways; what hides in them is the payroll. */
const twoReadings: Readonly<Record<string, (line: string, head: readonly string[]) => string>> = {
  'a length and a coding': (line, head) =>
    printed(
      line,
      [...head, `content-length: ${5 + hidden.length}`, 'transfer-encoding: chunked'],
      `0\r\n\r\n${hidden}`,
    ),
  'a coding and a length': (line, head) =>
    printed(line, [...head, 'transfer-encoding: chunked', 'content-length: 4'], `0\r\n\r\n${hidden}`),
  'a coding with a space before its colon': (line, head) =>
    printed(line, [...head, 'transfer-encoding : chunked', `content-length: ${hidden.length}`], hidden),
  'two lengths': (line, head) =>
    printed(line, [...head, 'content-length: 0', `content-length: ${hidden.length}`], hidden),
  'an odd coding': (line, head) => printed(line, [...head, 'transfer-encoding: xchunked'], `0\r\n\r\n${hidden}`),
  'a body on a read': (line, head) => printed(line, [...head, `content-length: ${hidden.length}`], hidden),
  'chunks on a read': (line, head) =>
    printed(line, [...head, 'transfer-encoding: chunked'], `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`),
  'a request behind the first': (line, head) => printed(line, head, hidden),
  'a folded header': (line, head) => printed(line, [...head, `x: y\r\n ${hidden.slice(0, 20)}`]),
  'a bare LF': (line, head) => printed(line, [...head, `x: y\n\n${hidden}`]),
  'an upgrade to h2c': (line, head) =>
    printed(
      line,
      [...head, 'connection: upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'],
      hidden,
    ),
  'another target in full': (line, head) => printed(line.replace(' /', ` ${house.shop.url}/`), head),
  'headers that rewrite the path': (line, head) =>
    printed(line, [...head, 'x-original-uri: /payroll', 'x-original-url: /payroll']),
  'a line break in the target': (line, head) => printed(line.replace(' HTTP', '%0d%0a%0d%0aGET%20/payroll HTTP'), head),
};

describe('nginx auth_request', { skip }, () => {
  before(async () => {
    house = await openHouse();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    frontBot = await describeFront(url);
    const { secret } = await house.ada.operator.points.register({ name: 'front-nginx', kind: 'auth-request' });
    proxy = { url, process: await startNginx(port, secret ?? '') };
    agent = await rawAgent(house, frontBot);
    token = await agent.accept(await house.openTask({ authority, agent: frontBot.id }));
  });
  after(async () => {
    await stop(proxy.process);
    await house.close();
  });

  test('a permitted read passes, and the log says that it was handed over', async () => {
    const response = await call('GET', `/orders/${order}`);
    assert.equal(response.status, 200, await response.clone().text());
    assert.equal(((await response.json()) as { id: string }).id, order);
    const entry = await house.carol.operator.log.entry(response.headers.get('ambit-entry') as never);
    assert.equal(entry.header.decision, 'permit');
    assert.equal(entry.header.code, 'handed_over');
    assert.equal(entry.header.who.agent, frontBot.id);
  });

  test('what the task does not cover is 403, and the shop never sees it', async () => {
    const before = house.shop.requests().length;
    for (const path of ['/orders/1043', '/payroll', '/customers/cus_0217']) {
      const response = await call('GET', path);
      assert.equal(response.status, 403, path);
      assert.match(response.headers.get('ambit-entry') ?? '', /^ent_/, path);
    }
    assert.equal(house.shop.requests().length, before);
  });

  test('a path that means another thing to nginx than to the plane is no way in', async () => {
    const before = house.shop.requests().length;
    for (const path of [
      `/orders/${order}/../../payroll`,
      `/orders/..%2fpayroll`,
      `//payroll`,
      `/orders/${order}%2f..%2f1043`,
    ]) {
      const response = await asWritten(path);
      assert.ok(
        response.status === 403 || response.status === 401 || response.status === 400,
        `${path}: ${response.status}`,
      );
    }
    assert.equal(house.shop.requests().length, before);
  });

  // THREATS: smuggled-request. Behind the door the shop hears what nginx sends on: one request that was asked about, or none.
  for (const [what, spoil] of Object.entries(twoReadings)) {
    test(`${what}: behind nginx nothing arrives that the plane was not asked about`, async () => {
      const path = `/orders/${order}`;
      const dpop = await agent.proof('GET', `${proxy.url}${path}`, { token });
      const head = [`host: ${new URL(proxy.url).host}`, `authorization: DPoP ${token}`, `dpop: ${dpop}`];
      const line = await openLine(proxy.url);
      const before = house.shop.requests().length;
      line.say(Buffer.from(spoil(`GET ${path} HTTP/1.1`, head), 'latin1'));
      const answers = answersIn(await line.hear(2, 300));
      line.end();
      const arrived = house.shop.requests().slice(before);
      assert.deepEqual(
        arrived.map((one) => `${one.method} ${one.url}`),
        arrived.length === 0 ? [] : [`GET ${path}`],
      );
      assert.ok(answers.filter(({ status }) => status < 400).length <= arrived.length);
    });
  }

  test('a proof for the plane’s own address is none for the address of nginx', async () => {
    const path = `/orders/${order}`;
    const proof = await agent.proof('GET', `${house.plane.agents}${path}`, { token });
    const response = await call('GET', path, { proof });
    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/);
  });

  test('a proof that an agent made for another site opens nothing here, whatever host is named', async () => {
    assert.equal((await asWritten(`/orders/${order}`)).status, 200);
    assert.equal((await asWritten(`/orders/${order}`, 'http://elsewhere.example')).status, 401);
  });

  test('a proof counts once, here as everywhere', async () => {
    const path = `/orders/${order}`;
    const proof = await agent.proof('GET', `${proxy.url}${path}`, { token });
    assert.equal((await call('GET', path, { proof })).status, 200);
    assert.equal((await call('GET', path, { proof })).status, 401);
  });

  test('no token, a bearer token and a stolen token are 401 with a challenge', async () => {
    const bare = await fetch(`${proxy.url}/orders/${order}`);
    assert.equal(bare.status, 401);
    assert.match(bare.headers.get('www-authenticate') ?? '', /^DPoP /);
    const bearer = await fetch(`${proxy.url}/orders/${order}`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(bearer.status, 401);
    const mallory = await rawAgent(house, house.malloryBot);
    const proof = await mallory.proof('GET', `${proxy.url}/orders/${order}`, { token });
    assert.equal((await call('GET', `/orders/${order}`, { proof })).status, 401);
  });

  test('an action with a body needs the gateway: this door does not see it', async () => {
    const before = house.shop.ledger().length;
    const body = JSON.stringify({ amount: '1.00', currency: 'USD' });
    const response = await call('POST', `/orders/${order}/refunds`, { body });
    assert.equal(response.status, 403);
    assert.equal(house.shop.ledger().length, before);
    assert.match(await reasonOf('gateway.needs_gateway'), /body/);
  });

  test('what a person has to be asked about needs the gateway', async () => {
    assert.equal((await call('DELETE', `/orders/${order}/notes/note_0001`)).status, 403);
    assert.match(await reasonOf('gateway.needs_gateway'), /asked/);
  });

  test('calls are counted: the third of two is refused', async () => {
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await call('GET', `/orders/${order}/shipping`)).status);
    assert.deepEqual(statuses, [200, 200, 403]);
  });

  test('a task that ended opens nothing here either', async () => {
    const task = await house.openTask({ authority, agent: frontBot.id });
    const other = await agent.accept(task);
    const ask = async () => {
      const proof = await agent.proof('GET', `${proxy.url}/orders/${order}`, { token: other });
      return fetch(`${proxy.url}/orders/${order}`, { headers: { authorization: `DPoP ${other}`, dpop: proof } });
    };
    assert.equal((await ask()).status, 200);
    await house.alice.operator.tasks.revoke(task, 'Taken back.');
    assert.equal((await ask()).status, 401);
  });

  test('who does not know the secret of the proxy gets no answer from the door', async () => {
    const path = `/orders/${order}`;
    const proof = await agent.proof('GET', `${proxy.url}${path}`, { token });
    const headers = {
      authorization: `DPoP ${token}`,
      dpop: proof,
      'ambit-api': 'front',
      'x-original-url': `${proxy.url}${path}`,
      'x-original-method': 'GET',
    };
    const url = `${house.plane.agents}/auth-request`;
    assert.equal((await fetch(url, { headers })).status, 401);
    assert.equal((await fetch(url, { headers: { ...headers, 'ambit-point': 'a-guess' } })).status, 401);
    const authzen = await house.ada.operator.points.register({ name: 'an-api', kind: 'authzen' });
    assert.equal((await fetch(url, { headers: { ...headers, 'ambit-point': authzen.secret ?? '' } })).status, 401);
  });

  test('headers by which an agent poses as the proxy are replaced by nginx', async () => {
    const path = '/payroll';
    const proof = await agent.proof('GET', `${proxy.url}${path}`, { token });
    const posing = {
      'x-original-url': `${proxy.url}/orders/${order}`,
      'ambit-api': 'shop',
      'x-original-method': 'GET',
    };
    const response = await fetch(`${proxy.url}${path}`, {
      headers: { ...posing, authorization: `DPoP ${token}`, dpop: proof },
    });
    assert.equal(response.status, 403);
  });
});

type Asked = { readonly proof?: string; readonly body?: string };

async function call(method: string, path: string, { proof, body }: Asked = {}): Promise<Response> {
  const url = `${proxy.url}${path}`;
  const proved = proof ?? (await agent.proof(method, url, { token, ...(body === undefined ? {} : { body }) }));
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { authorization: `DPoP ${token}`, dpop: proved, ...type };
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** The path as written, without the tidying that fetch does, and any host. */
async function asWritten(path: string, origin = proxy.url): Promise<{ readonly status: number }> {
  const { hostname, port } = new URL(proxy.url);
  const dpop = await agent.proof('GET', `${origin}${path}`, { token });
  const headers = { host: new URL(origin).host, authorization: `DPoP ${token}`, dpop };
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers });
    sent.on('response', (response) => resolve({ status: response.resume().statusCode ?? 0 }));
    sent.on('error', reject).end();
  });
}

/** Why the newest denial with this code was one, as the log has it. */
async function reasonOf(code: string): Promise<string> {
  const [run] = (await house.carol.operator.runs.list()).runs;
  const story = JSON.stringify(await house.carol.operator.runs.show(run?.run as never));
  assert.ok(story.includes(code), story);
  return story;
}

/** The shop as agents see it through nginx: the same description, at the address of nginx, and no credential to lend. */
async function describeFront(url: string): Promise<Bot> {
  const text = readFileSync(new URL('../../../../examples/shop/openapi.json', import.meta.url), 'utf8');
  const { catalog, persons } = house.ada.operator;
  await catalog.import({ name: 'front', text, server: url, zone: 'default', environment: 'test' });
  await catalog.confirm('front', { revision: (await catalog.show('front')).revision });
  const names = ['orders.get', 'shipping.get', 'refunds.create', 'orders.removeNote', 'customers.get', 'payroll.list'];
  const whole = [{ type: 'ambit_grant' as const, actions: names.map((name) => `front:${name}`) }];
  await persons.setDelegable(house.alice.id, whole);
  return registerBot(house.alice, 'front-bot', whole);
}

async function startNginx(port: number, secret: string): Promise<ChildProcess> {
  const directory = join(house.directory, 'nginx');
  mkdirSync(directory);
  const config = join(directory, 'nginx.conf');
  writeFileSync(config, configuration(directory, port, secret), { mode: 0o600 });
  const child = spawn(nginx ?? '', ['-p', directory, '-c', config, '-e', join(directory, 'error.log')], {
    stdio: 'pipe',
  });
  const url = `http://127.0.0.1:${port}/ready`;
  for (let tries = 0; tries < 100; tries++) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return child;
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`nginx did not start: ${readFileSync(join(directory, 'error.log'), 'utf8')}`);
}

/**
 * Every header that the door trusts is set here, so none comes from the agent. The public address is written out: with
 * `$http_host` whoever was shown a proof for another address could show it here, and name that address as the host.
 */
const configuration = (directory: string, port: number, secret: string) => `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen 127.0.0.1:${port};
    merge_slashes off;
    location = /ready { return 204; }
    location / {
      auth_request /ambit;
      auth_request_set $ambit_entry $upstream_http_ambit_entry;
      add_header Ambit-Entry $ambit_entry always;
      proxy_set_header Authorization "Bearer ${house.shopKey}";
      proxy_set_header DPoP "";
      proxy_pass ${house.shop.url};
    }
    location = /ambit {
      internal;
      proxy_pass ${house.plane.agents}/auth-request;
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Ambit-Point "${secret}";
      proxy_set_header Ambit-Api "front";
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URL http://127.0.0.1:${port}$request_uri;
    }
  }
}
`;

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
