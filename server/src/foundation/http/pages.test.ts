import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createApi, type Listening, listen } from './api.ts';
import { hasPages, openPages } from './pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-pages-'));
const listening: Listening[] = [];
let built: string;
let missing: string;

before(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta property="csp-nonce" nonce="%STYLE_NONCE%"><p>Console',
  );
  writeFileSync(join(folder, 'pages.json'), '["", "inbox"]');
  writeFileSync(join(folder, 'assets/index-abc.js'), 'export {};\n'.repeat(100));
  writeFileSync(join(folder, 'secret.txt'), 'beside the page');
  built = await open(folder);
  missing = await open(join(folder, 'nowhere'));
});
after(async () => {
  for (const one of listening) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(files: string): Promise<string> {
  const api = createApi({
    routes: [],
    authenticate: async () => assert.fail('nobody has to be known for a page'),
    record: async () => 'ent_1',
    before: openPages(files).take,
  });
  const one = await listen(api, '127.0.0.1', 0);
  listening.push(one);
  return one.url;
}

const asPage = { accept: 'text/html,*/*' };

test('every address of the console is its page, under a policy that lets nothing else run', async () => {
  for (const path of ['/', '/inbox', '/inbox/apr_1?x=1']) {
    const response = await fetch(built + path, { headers: asPage });
    assert.deepEqual([response.status, response.headers.get('cache-control')], [200, 'no-store'], path);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'; require-trusted-types-for 'script'/);
    assert.doesNotMatch(policy, /unsafe|data:|\*/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(response.headers.get('cross-origin-opener-policy'), 'same-origin');
  }
});

test('the word that lets a style in is of one answer only', async () => {
  const nonces = await Promise.all(
    [1, 2].map(async () => {
      const response = await fetch(`${built}/inbox`);
      const [, nonce = ''] = /nonce="([\w-]{22})"/.exec(await response.text()) ?? [];
      assert.ok(response.headers.get('content-security-policy')?.includes(`'nonce-${nonce}'`));
      return nonce;
    }),
  );
  assert.notEqual(nonces[0], nonces[1]);
});

test('a built file is kept for good, since another content has another name', async () => {
  const response = await fetch(`${built}/assets/index-abc.js`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(response.headers.get('content-encoding'), 'gzip');
  assert.equal(await response.text(), 'export {};\n'.repeat(100));
  const plain = await fetch(`${built}/assets/index-abc.js`, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  const head = await fetch(`${built}/assets/index-abc.js`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
});

test('what is not a file or an address of the console is refused as by the API, and recorded', async () => {
  const paths = [
    '/v1/nothing',
    '/assets/gone.js',
    '/secret.txt',
    '/pages.json',
    '/assets/..%2fsecret.txt',
    '/wp-admin',
  ];
  for (const path of paths) {
    const response = await fetch(built + path, { headers: asPage });
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8', path);
    assert.equal(response.headers.get('ambit-entry'), 'ent_1', path);
  }
  assert.equal((await fetch(`${built}/inbox`, { method: 'POST' })).status, 404);
});

test('a plane whose console was not built says so, in one sentence, to whoever opens a page', async () => {
  assert.equal(hasPages(folder), true);
  assert.equal(hasPages(join(folder, 'nowhere')), false);
  for (const path of ['/', '/inbox/apr_1']) {
    const response = await fetch(missing + path, { headers: asPage });
    assert.equal(response.status, 503);
    assert.match(
      await response.text(),
      /The console is not here: it was not built\. In a checkout run <code>npm run console<\/code>/,
    );
  }
  assert.equal((await fetch(`${missing}/v1/nothing`, { headers: asPage })).status, 404);
  assert.equal((await fetch(`${missing}/inbox`)).status, 404);
});
