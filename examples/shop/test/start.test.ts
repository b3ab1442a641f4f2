import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';

const start = join(import.meta.dirname, '../src/start.ts');
const directory = mkdtempSync(join(tmpdir(), 'ambit-start-'));
after(() => rmSync(directory, { recursive: true, force: true }));

type Ended = { readonly code: number; readonly stderr: string };

async function npmStart(place: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = {
    env: {
      ...process.env,
      AMBIT_AGENT_PORT: '0',
      AMBIT_PEOPLE_PORT: '0',
      AMBIT_DATA: join(directory, place, 'data'),
      AMBIT_KEYS: join(directory, place, 'keys/ambit.keys'),
      ...env,
    },
  };
  return promisify(execFile)(process.execPath, ['--conditions=ambit-source', start, ...args], options).then(
    ({ stderr }): Ended => ({ code: 0, stderr }),
    ({ code, stderr }: Ended): Ended => ({ code, stderr }),
  );
}

describe('npm start', () => {
  test('an option that there is not ends with one line that names those there are', async () => {
    const { code, stderr } = await npmStart('option', ['--bogus']);
    assert.equal(code, 2);
    assert.match(stderr, /--bogus is not an option; there are --exit, --json and --help/);
    assert.equal(existsSync(join(directory, 'option')), false);
  });

  test('a taken port is said in one line, and nothing is made', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const port = String((holder.address() as AddressInfo).port);
    const { code, stderr } = await npmStart('port', ['--exit'], { AMBIT_AGENT_PORT: port });
    holder.close();
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^ambit: port ${port} is taken, where Ambit listens for agents`));
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.equal(existsSync(join(directory, 'port')), false);
  });

  test('told to stop, it says at the end that it has', async () => {
    const place = join(directory, 'stopped');
    const env = { ...process.env, AMBIT_AGENT_PORT: '0', AMBIT_PEOPLE_PORT: '0', AMBIT_DATA: join(place, 'data') };
    const child = spawn(process.execPath, ['--conditions=ambit-source', start], {
      env: { ...env, AMBIT_KEYS: join(place, 'keys/ambit.keys') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exit = once(child, 'exit');
    let heard = '';
    for await (const chunk of child.stderr.setEncoding('utf8')) {
      const isFirst = !heard.includes('the shop is open');
      heard += chunk;
      if (isFirst && heard.includes('the shop is open')) child.kill('SIGINT');
    }
    assert.deepEqual(await exit, [130, null], heard);
    assert.match(heard, /\nStopped\.\n$/);
  });

  test('a marker of a first start that cannot be read removes nothing', async () => {
    const example = join(directory, 'marker/keys/example');
    mkdirSync(example, { recursive: true });
    writeFileSync(join(example, 'first-start'), '{"makes": "everything"}');
    const { code, stderr } = await npmStart('marker', ['--exit']);
    assert.equal(code, 1);
    assert.match(stderr, /cannot be read, so nobody knows what an unfinished first start made/);
    assert.deepEqual(readdirSync(example), ['first-start']);
  });

  test('an unfinished first start loses what its marker names, and nothing else', async () => {
    const keys = join(directory, 'unfinished/keys');
    const example = join(keys, 'example');
    const data = join(directory, 'unfinished/data');
    for (const folder of [example, data]) mkdirSync(folder, { recursive: true });
    const keyFile = join(keys, 'ambit.keys');
    const mine = join(data, 'notes.txt');
    for (const file of [keyFile, mine]) writeFileSync(file, 'before');
    const marker = { process: 2 ** 22 + 1, dataDirectory: data, keyFile, makes: [keyFile], folders: [data] };
    writeFileSync(join(example, 'first-start'), JSON.stringify(marker));
    const { code, stderr } = await npmStart('unfinished', ['--exit']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /a first start was interrupted here/);
    assert.match(stderr, /a new plane was made/);
    assert.equal(existsSync(mine), true);
    assert.equal(existsSync(join(example, 'first-start')), false);
  });
});
