import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { apiKey } from './open-shop.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function spawnShop(t: TestContext, args: string[] = [], env: Record<string, string> = { SHOP_API_KEY: apiKey }) {
  const { SHOP_API_KEY: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [main, ...args], { env: { ...inherited, ...env } });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function ready(child: ReturnType<typeof spawn>): Promise<{ url: string; adminUrl: string }> {
  const [line] = await once(child.stdout!.setEncoding('utf8'), 'data');
  return JSON.parse(line);
}

test('the process prints its addresses, serves, and ends with its standard input', async (t) => {
  const child = spawnShop(t);
  const { url, adminUrl } = await ready(child);
  const answer = await fetch(`${url}/orders/1042`, { headers: { authorization: `Bearer ${apiKey}` } });
  assert.equal(answer.status, 200);
  const { requests } = (await (await fetch(`${adminUrl}/requests`)).json()) as { requests: { url: string }[] };
  assert.deepEqual(
    requests.map((seen) => seen.url),
    ['/orders/1042'],
  );
  child.stdin!.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('the process ends on SIGTERM', async (t) => {
  const child = spawnShop(t);
  await ready(child);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

for (const [what, args, env, says] of [
  ['without a key', [], {}, /set SHOP_API_KEY/],
  ['with a port that is no number', ['--port', 'http'], { SHOP_API_KEY: apiKey }, /--port takes a number/],
  ['with an option it does not know', ['--api-key', 'x'], { SHOP_API_KEY: apiKey }, /--api-key/],
] as const) {
  test(`the process does not start ${what}, and says what to do`, async (t) => {
    const child = spawnShop(t, [...args], env);
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (part) => {
      said += part;
    });
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.match(said, says);
    assert.match(said, /Usage/);
  });
}
