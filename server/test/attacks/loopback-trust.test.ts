// "It comes from 127.0.0.1, so it is us": every route is tried from loopback, with headers that say so, and without a proof.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type House, openHouse } from '../house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

type Row = { readonly method: string; readonly path: string; readonly who: string };

/** Every route that the sources declare: the method, the path and who may call stand in the first three lines of a row. */
function declared(): Row[] {
  const sources = join(import.meta.dirname, '../../src');
  const rows = globSync('**/*.ts', { cwd: sources })
    .filter((name) => !name.includes('.test'))
    .flatMap((name) => [
      ...readFileSync(join(sources, name), 'utf8').matchAll(
        /method: '([A-Z]+)',\s+path: '([^']+)',\s+who: '([a-z-]+)'/g,
      ),
    ])
    .map(([, method = '', path = '', who = '']) => ({ method, path, who }));
  return [...new Map(rows.map((row) => [`${row.method} ${row.path}`, row])).values()];
}

const spoofed = {
  'x-forwarded-for': '127.0.0.1',
  'x-real-ip': '127.0.0.1',
  forwarded: 'for=127.0.0.1;host=localhost',
  'x-client-cert': 'CN=ada',
  'x-remote-user': 'ada',
  'ambit-person': 'ada',
  origin: 'http://localhost',
};

async function knock(origin: string, { method, path }: Row): Promise<Response> {
  const body =
    method === 'GET' || method === 'DELETE'
      ? {}
      : { body: '{}', headers: { ...spoofed, 'content-type': 'application/json' } };
  return fetch(`${origin}${path.replaceAll(/:\w+/g, 'x')}`, { method, headers: spoofed, redirect: 'manual', ...body });
}

test('no route but those that prove by their own content answers a caller without a proof', async () => {
  const rows = declared();
  assert.ok(rows.length > 60, `only ${rows.length} routes were found`);
  for (const row of rows.filter((one) => one.who !== 'public')) {
    const statuses = await Promise.all(
      [house.plane.agents, house.plane.people].map(async (origin) => (await knock(origin, row)).status),
    );
    assert.ok(statuses.includes(401), `${row.method} ${row.path} answered ${statuses}`);
    assert.ok(
      statuses.every((status) => status === 401 || status === 404),
      `${row.method} ${row.path} answered ${statuses}`,
    );
  }
});

test('what is public is a short list, and each of it proves by itself or tells nobody’s secrets', async () => {
  const open = declared()
    .filter((one) => one.who === 'public')
    .map((one) => `${one.method} ${one.path}`);
  const harmless = /^(GET \/health|GET \/\.well-known\/|GET \/oauth\/jwks)/;
  const provesItself = [
    'POST /oauth/token',
    'POST /oauth/introspect',
    'POST /oauth/revoke',
    'POST /v1/sessions',
    'POST /v1/enrolments/redeem',
    'POST /v1/agent/enrolments/redeem',
    'POST /v1/agent/keys',
    'POST /v1/enrolments/passkey/options',
    'POST /v1/enrolments/passkey/redeem',
    'POST /v1/sessions/passkey/options',
    'POST /v1/sessions/passkey',
    'POST /v1/sign-in/oidc/start',
    'POST /v1/sign-in/oidc/finish',
    'GET /auth-request',
  ];
  assert.deepEqual(
    open.filter((one) => !harmless.test(one) && !provesItself.includes(one)),
    [],
  );
  for (const one of provesItself) {
    const [method = '', path = ''] = one.split(' ');
    const statuses = await Promise.all(
      [house.plane.agents, house.plane.people].map(
        async (origin) => (await knock(origin, { method, path, who: 'public' })).status,
      ),
    );
    assert.ok(
      statuses.every((status) => status >= 400 && status < 500),
      `${one} answered ${statuses}`,
    );
  }
});

test('the gateway does not know loopback either', async () => {
  for (const path of ['/api/shop/orders/1042', '/api/', '/api', '/api/shop', '/api//shop/orders/1042']) {
    const response = await fetch(`${house.plane.agents}${path}`, { headers: spoofed });
    assert.ok([401, 404].includes(response.status), `${path} answered ${response.status}`);
  }
  assert.equal(house.shop.requests().length, 0);
});

test('a session, a token and a bearer text of other kinds are no way in at the other listener', async () => {
  const rows = declared().filter((one) => ['administrator', 'auditor', 'policy', 'catalog'].includes(one.who));
  for (const row of rows) {
    const response = await fetch(`${house.plane.people}${row.path.replaceAll(/:\w+/g, 'x')}`, {
      method: row.method,
      headers: { authorization: 'Bearer admin', cookie: 'session=ada', host: 'localhost' },
    });
    assert.equal(response.status, 401, `${row.method} ${row.path}`);
  }
});

test('no setting and no environment makes the server answer for a person', () => {
  const settings = readFileSync(join(import.meta.dirname, '../../src/config.ts'), 'utf8');
  const names = [...new Set(settings.match(/AMBIT_[A-Z_]+/g))];
  assert.ok(names.length > 15, names.join());
  assert.deepEqual(
    names.filter((name) => /APPROVE$|AUTO|SKIP|INSECURE|DEV|BYPASS|PROXY|LOOPBACK|SCRIPT|DEMO/.test(name)),
    [],
  );
});
