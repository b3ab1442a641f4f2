import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { told } from '../testing.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ambit-cli-keys-'));
after(() => {
  process.chdir(tmpdir());
  rmSync(scratch, { recursive: true, force: true });
});
const keyFile = join(scratch, 'keys', 'ambit.keys');
const env = { AMBIT_DATA: join(scratch, 'data'), AMBIT_KEYS: keyFile };
const made = await told(['init', '--name', 'Acme', '--admin', 'Alice'], { env });
assert.equal(made.code, 0, made.err);

type Key = { readonly kind: string; readonly id: string; readonly use: string };

async function keysOf(argv: readonly string[]): Promise<readonly Key[]> {
  const { code, out, err } = await told(['keys', ...argv, '--json'], { env });
  assert.equal(code, 0, err);
  return JSON.parse(out).keys;
}

const brief = (keys: readonly Key[]) => keys.map(({ kind, use }) => `${kind} ${use}`);

/** Every secret of the key file, as it stands there. */
const secrets = () =>
  [
    ...readFileSync(keyFile, 'utf8').matchAll(
      /"(?:master|secret|log|pem)": "(?:-----BEGIN PRIVATE KEY-----\\n)?([^"\\]+)/g,
    ),
  ].map(([, secret = '']) => secret);

test('keys are shown by kind, id and age, and no secret is among what is printed', async () => {
  assert.deepEqual(brief(await keysOf(['show'])), ['log current', 'master current', 'token current', 'vault current']);
  const { out } = await told(['keys', 'show'], { env });
  assert.match(out, /tokens \(ES256\)\s+\S{43}\s+current\s+.*\d+ s/);
  assert.equal(secrets().length, 4);
  for (const secret of secrets()) assert.ok(!out.includes(secret));
});

test('a rotation keeps the key before it, says to restart, and leaves the file private', async () => {
  const before = await keysOf(['show']);
  const { code, out } = await told(['keys', 'rotate', '--tokens'], { env });
  assert.equal(code, 0);
  assert.match(out, /Next: restart Ambit/);
  for (const secret of secrets()) assert.ok(!out.includes(secret));
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  const after = await keysOf(['rotate', '--vault']);
  assert.deepEqual(brief(after).slice(2), ['token current', 'token older', 'vault current', 'vault older']);
  assert.ok(before.every(({ id }) => after.some((key) => key.id === id)));
  assert.deepEqual(await keysOf(['show']), after);
});

test('without saying which key, or with two of them, nothing is rotated', async () => {
  const before = readFileSync(keyFile, 'utf8');
  for (const argv of [[], ['--tokens', '--vault'], ['--tokens', '--svids']]) {
    const { code, err } = await told(['keys', 'rotate', ...argv], { env });
    assert.equal(code, 2);
    assert.match(err, /One of --tokens, --vault and --svids/);
  }
  assert.equal(readFileSync(keyFile, 'utf8'), before);
});

test('a key file that is not there, or open to others, is refused with the next step', async () => {
  const none = await told(['keys', 'rotate', '--tokens', '--keys', join(scratch, 'none')], { env });
  assert.equal(none.code, 1);
  assert.match(none.err, /Nothing was changed: there is no key file/);
  chmodSync(keyFile, 0o644);
  const open = await told(['keys', 'show'], { env });
  chmodSync(keyFile, 0o600);
  assert.equal(open.code, 1);
  assert.match(open.err, /chmod 600/);
});

test('keys that come by the environment are shown, and rotated only where they are kept', async () => {
  const text = readFileSync(keyFile, 'utf8');
  const away = { AMBIT_DATA: env.AMBIT_DATA, AMBIT_KEYS_JSON: text };
  // Where no file is named, the usual one counts, and a plane that was started here by hand has left one.
  process.chdir(mkdtempSync(join(scratch, 'elsewhere-')));
  const shown = await told(['keys', 'show', '--json'], { env: away });
  assert.equal(shown.code, 0, shown.err);
  assert.deepEqual(JSON.parse(shown.out).keys, await keysOf(['show']));
  const rotated = await told(['keys', 'rotate', '--vault'], { env: away });
  assert.equal(rotated.code, 1);
  assert.match(rotated.err, /AMBIT_KEYS_JSON, which only you can change/);
  const both = await told(['keys', 'show'], { env: { ...away, AMBIT_KEYS: keyFile } });
  assert.equal(both.code, 2);
  assert.match(both.err, /AMBIT_KEYS and AMBIT_KEYS_JSON are both set/);
});
