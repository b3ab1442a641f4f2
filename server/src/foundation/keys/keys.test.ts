import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../secret.ts';
import {
  type KeySource,
  loadKeys,
  makeKeys,
  openBox,
  rotateSvidKey,
  rotateTokenKey,
  rotateVaultKey,
  sealBox,
} from './keys.ts';

const then = Date.UTC(2026, 0, 5, 9, 0, 0);
const clock = () => then;
const later = () => then + 86_400_000;

function place(t: TestContext): KeySource {
  const directory = mkdtempSync(join(tmpdir(), 'ambit-keys-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return { file: join(directory, 'keys', 'ambit.keys'), json: null, dataDirectory: join(directory, 'data') };
}

const read = ({ file }: KeySource) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const write = ({ file }: KeySource, content: unknown) => writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
const ids = (keys: ReturnType<typeof loadKeys>) => keys.described.map(({ kind, id, use }) => `${kind} ${id} ${use}`);
const given = (source: KeySource, text: string): KeySource => ({ ...source, json: new Secret(text) });
const notHere = (source: KeySource): KeySource => ({ ...source, file: `${source.file}.none` });
const fault = (message: RegExp) => ({ name: 'KeyFault', message });

test('keys that were made are opened again as the same keys, by their owner alone', (t) => {
  const source = place(t);
  const made = makeKeys(source, clock);
  assert.deepEqual(ids(loadKeys(source)), ids(made));
  assert.deepEqual(loadKeys(source).derive('log-detail'), made.derive('log-detail'));
  assert.equal(statSync(source.file).mode & 0o777, 0o600);
  assert.throws(() => makeKeys(source, clock), fault(/exists already/));
  chmodSync(source.file, 0o640);
  assert.throws(() => loadKeys(source), fault(/chmod 600/));
});

test('a key file that is not there, not whole or among the data is refused', (t) => {
  const source = place(t);
  assert.throws(() => loadKeys(source), fault(/there is no key file/));
  assert.throws(
    () => makeKeys({ ...source, file: join(source.dataDirectory, 'k') }, clock),
    fault(/keep keys and data apart/),
  );
  makeKeys(source, clock);
  const whole = read(source);
  const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const [part, message] of [
    [{ tokens: [] }, /not complete/],
    [{ vault: [] }, /not complete/],
    [{ v: 2 }, /cannot be read .*at v/],
    [{ master: 'c2hvcnQ' }, /at master/],
    [{ surplus: 1 }, /at surplus/],
    [{ log: 'no key' }, /key that cannot be read/],
    [{ tokens: [{ kid: 'a', pem: ed25519 }] }, /of the kind ed25519 where ec belongs/],
  ] as const) {
    write(source, { ...whole, ...part });
    assert.throws(() => loadKeys(source), fault(message));
  }
});

test('keys come from a text as they come from a file, and the text is never shown', (t) => {
  const source = place(t);
  const made = makeKeys(source, clock);
  const text = readFileSync(source.file, 'utf8');
  const fromText = given(notHere(source), text);
  assert.deepEqual(ids(loadKeys(fromText)), ids(made));
  assert.deepEqual(ids(makeKeys(fromText, later)), ids(made), 'given keys are opened, not made');
  assert.equal(existsSync(fromText.file), false);
  const { master } = read(source) as { master: string };
  assert.ok(!`${inspect(fromText)}${JSON.stringify(fromText)}${inspect(made.described)}`.includes(master));
});

test('a text and a file at once are refused, and so is a text that is no key file, without repeating it', (t) => {
  const source = place(t);
  makeKeys(source, clock);
  const text = readFileSync(source.file, 'utf8');
  assert.throws(() => loadKeys(given(source, text)), fault(/AMBIT_KEYS_JSON and in the file/));
  for (const bad of ['hunter2-is-my-secret', '{"master":"hunter2-is-my-secret"}', '[]', 'null', text.slice(1)]) {
    assert.throws(
      () => loadKeys(given(notHere(source), bad)),
      (error: unknown) => {
        assert.ok(error instanceof Error && error.name === 'KeyFault', inspect(error));
        return /AMBIT_KEYS_JSON cannot be read/.test(error.message) && !inspect(error).includes('hunter2');
      },
    );
  }
});

test('a new token key is used, and the three before it still verify', (t) => {
  const source = place(t);
  const first = makeKeys(source, clock).tokens[0];
  const kids = [1, 2, 3, 4].map(() => rotateTokenKey(source, later).tokens.map(({ kid }) => kid));
  assert.deepEqual(
    kids.map((one) => one.length),
    [2, 3, 4, 4],
  );
  assert.deepEqual(
    loadKeys(source).tokens.map(({ kid }) => kid),
    kids[3],
  );
  assert.ok(kids[2]?.includes(first?.kid ?? ''));
  assert.ok(!kids[3]?.includes(first?.kid ?? ''));
  assert.deepEqual(
    loadKeys(source)
      .described.filter(({ kind }) => kind === 'token')
      .map(({ use, madeAt }) => [use, madeAt]),
    [
      ['current', later()],
      ['older', later()],
      ['older', later()],
      ['older', later()],
    ],
  );
});

test('a new vault key stands in front, and the one before still opens what it sealed', (t) => {
  const source = place(t);
  const [old] = makeKeys(source, clock).vault;
  const box = sealBox(old, Buffer.from('shop-secret'), 'here');
  const [fresh, kept, ...none] = rotateVaultKey(source, later).vault;
  assert.deepEqual(none, []);
  assert.notDeepEqual(fresh, old);
  assert.throws(() => openBox(fresh, box, 'here'));
  assert.equal(Buffer.from(openBox(kept ?? fresh, box, 'here')).toString(), 'shop-secret');
});

test('a file from before there was a list of vault keys works on, and keeps its derived key when it is rotated', (t) => {
  const source = place(t);
  makeKeys(source, clock);
  const { vault: _vault, madeAt: _madeAt, ...old } = read(source);
  write(source, old);
  const [derived, ...none] = loadKeys(source).vault;
  assert.deepEqual(none, []);
  assert.equal(loadKeys(source).described.find(({ kind }) => kind === 'vault')?.madeAt, null);
  assert.deepEqual([...rotateVaultKey(source, later).vault].slice(1), [derived]);
});

test('no vault key is dropped by itself: a full list is refused, and nothing changes', (t) => {
  const source = place(t);
  makeKeys(source, clock);
  for (let i = 1; i < 16; i++) rotateVaultKey(source, later);
  const before = readFileSync(source.file, 'utf8');
  assert.throws(() => rotateVaultKey(source, later), fault(/holds 16 vault keys/));
  assert.equal(readFileSync(source.file, 'utf8'), before);
});

test('a rotation writes whole or not at all, and only one at a time', (t) => {
  const source = place(t);
  makeKeys(source, clock);
  const before = readFileSync(source.file, 'utf8');
  writeFileSync(`${source.file}.new`, 'cut short');
  assert.throws(() => rotateTokenKey(source, later), fault(/EEXIST.*Nothing was changed/));
  assert.equal(readFileSync(source.file, 'utf8'), before);
  rmSync(`${source.file}.new`);
  rotateTokenKey(source, later);
  assert.equal(statSync(source.file).mode & 0o777, 0o600);
  assert.equal(existsSync(`${source.file}.new`), false);
});

test('a linked key file is changed where it is, and the link stays', (t) => {
  const source = place(t);
  makeKeys(source, clock);
  const link = `${source.file}.link`;
  symlinkSync(source.file, link);
  const rotated = rotateVaultKey({ ...source, file: link }, later);
  assert.deepEqual(ids(loadKeys(source)), ids(rotated));
});

test('keys that are given as a text cannot be rotated here, and it says where', (t) => {
  const source = place(t);
  makeKeys(source, clock);
  const fromText = given(notHere(source), readFileSync(source.file, 'utf8'));
  for (const rotate of [rotateTokenKey, rotateVaultKey]) {
    assert.throws(() => rotate(fromText, later), fault(/AMBIT_KEYS_JSON, which only you can change/));
  }
});

test('what is shown of a key follows from it, differs by key, and is none of its bytes', (t) => {
  const source = place(t);
  makeKeys(source, clock);
  rotateVaultKey(source, later);
  const keys = rotateTokenKey(source, later);
  assert.equal(new Set(keys.described.map(({ id }) => id)).size, 6);
  const text = readFileSync(source.file, 'utf8');
  for (const { id } of keys.described) assert.ok(!text.includes(id));
  const another = { ...read(source), master: randomBytes(32).toString('base64url') };
  write(source, another);
  const changed = ids(loadKeys(source)).filter((one) => !ids(keys).includes(one));
  assert.equal(changed.length, 1);
  assert.match(changed[0] ?? '', /^master /);
});

test('keys for SVIDs are made by a rotation only, the newest first, and the oldest of four are dropped', (t) => {
  const source = place(t);
  assert.deepEqual(makeKeys(source, clock).svids, []);
  const [first] = rotateSvidKey(source, clock).svids;
  for (let i = 0; i < 3; i++) rotateSvidKey(source, clock);
  assert.equal(loadKeys(source).svids.at(-1)?.kid, first?.kid);
  const { svids, described } = rotateSvidKey(source, clock);
  assert.deepEqual([svids.length, svids.some(({ kid }) => kid === first?.kid)], [4, false]);
  assert.equal(described.filter(({ kind, use }) => kind === 'svid' && use === 'current').length, 1);
});
