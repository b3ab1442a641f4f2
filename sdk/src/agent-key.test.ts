import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createAgentKey } from './agent-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-key-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const skip =
  process.platform === 'linux' && has('dbus-run-session') && has('gnome-keyring-daemon')
    ? false
    : 'needs dbus-run-session and gnome-keyring-daemon (Debian: dbus, gnome-keyring)';

const source = JSON.stringify(new URL('./agent-key.ts', import.meta.url).href);
const [home, run] = [mkdtempSync(join(folder, 'home-')), mkdtempSync(join(folder, 'run-'))];
const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: run, XDG_DATA_HOME: join(home, 'data'), NODE_OPTIONS: '' };

/** Runs each script in a process of its own, in one session with a Secret Service that is unlocked. */
function inSession(...scripts: readonly string[]): unknown[] {
  const program = (script: string) =>
    `import { createAgentKey, forgetAgentKey } from ${source};
     const said = async (work) => { try { return await work; } catch (error) { return error.name + ': ' + error.message; } };
     console.log('SAID ' + JSON.stringify(await (async () => { ${script} })()));`;
  const node = `"${process.execPath}" --conditions=ambit-source --input-type=module -e`;
  const lines = scripts.map((_, at) => `${node} "$S${at}"`);
  const unlock = 'printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1';
  const texts = Object.fromEntries(scripts.map((script, at) => [`S${at}`, program(script)]));
  const out = execFileSync('dbus-run-session', ['--', 'sh', '-c', [unlock, ...lines].join('\n')], {
    env: { ...env, ...texts },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 30_000,
  });
  return out
    .split('\n')
    .filter((line) => line.startsWith('SAID '))
    .map((line) => JSON.parse(line.slice('SAID '.length)));
}

const place = `{ store: 'os', name: 'refund-bot at ambit.example' }`;
const sign = `const key = await createAgentKey(${place}); const text = new TextEncoder().encode('hello');
  return { jwk: key.jwk, alg: key.alg, members: Object.keys(key), signature: Buffer.from(await key.sign(text)).toString('hex') };`;

test('a key in memory is another one each time, and has nothing of its private half to show', async () => {
  const [one, other] = [await createAgentKey({ store: 'memory' }), await createAgentKey({ store: 'memory' })];
  assert.notEqual(one.thumbprint, other.thumbprint);
  assert.equal(JSON.stringify(one).includes('"d"'), false);
});

test('the key store of the system gives the same key to the next process, until it is forgotten', { skip }, () => {
  const [first, second, gone, third] = inSession(
    sign,
    sign,
    `return [await forgetAgentKey(${place}), await forgetAgentKey(${place})];`,
    sign,
  ) as { jwk: object; alg: string; members: string[]; signature: string }[];
  assert.deepEqual(second?.jwk, first?.jwk);
  assert.equal(first?.alg, 'ES256');
  assert.deepEqual(first?.members.toSorted(), ['alg', 'jwk', 'sign', 'thumbprint'], 'nothing of it can be read out');
  assert.deepEqual(gone, [true, false]);
  assert.notDeepEqual(third?.jwk, first?.jwk);
});

test('what is no key is not written over', { skip }, () => {
  const odd = `const { AsyncEntry } = await import(${JSON.stringify(import.meta.resolve('@napi-rs/keyring'))});
    const entry = new AsyncEntry('ambit agent key', 'odd', { linux: { store: 'secret-service' } });
    await entry.setPassword('the password of somebody');
    const told = await said(createAgentKey({ store: 'os', name: 'odd' }));
    return [told, await entry.getPassword()];`;
  const [[told, kept]] = inSession(odd) as [[string, string]];
  assert.match(told, /^KeyFault: .*no key of an agent. Choose another name/);
  assert.equal(told.includes('password of somebody'), false);
  assert.equal(kept, 'the password of somebody');
});

test('without a key store it says what to do, and keeps the key nowhere', {
  skip: process.platform !== 'linux',
}, () => {
  const script = `import { createAgentKey } from ${source};
    await createAgentKey({ store: 'os', name: 'refund-bot' }).then(() => console.log('made'), (error) => console.log(error.name + ': ' + error.message));`;
  const bare = { ...env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', HOME: run };
  const argv = ['--conditions=ambit-source', '--input-type=module', '-e', script];
  const told = execFileSync(process.execPath, argv, { env: bare, encoding: 'utf8' });
  assert.match(told, /^KeyFault: The key store of the operating system cannot be used: .*store: "memory"/);
});

test('without the package it names the package', () => {
  const script = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === '@napi-rs/keyring') throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    } });
    const { createAgentKey } = await import(${source});
    await createAgentKey({ store: 'os', name: 'refund-bot' }).catch((error) => console.log(error.name + ': ' + error.message));`;
  const argv = ['--conditions=ambit-source', '--input-type=module', '-e', script];
  const told = execFileSync(process.execPath, argv, { env, encoding: 'utf8' });
  assert.match(told, /^KeyFault: .*npm install @napi-rs\/keyring/);
});
