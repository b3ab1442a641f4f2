import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { openCheckpoint, parseVerifierKey, printVerifierKey, toBase64, verifyReceipt } from '@ambit/protocol';
import { openCheckpoints } from './checkpoint.ts';
import { LogFault } from './log-fault.ts';
import { logKey, sha256, verifyEd25519 } from './log-key.ts';
import { receiptHeader, receiptOf } from './receipt.ts';
import { acme, emptyFolder, neighbour, openTestLog, say, type TestLog, tamper } from './testing.ts';

const open: (() => Promise<void>)[] = [];
async function logOf(...more: Parameters<typeof openTestLog>): Promise<TestLog> {
  const log = await openTestLog(...more);
  open.push(() => log.close());
  return log;
}
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Goes on with the store in place of the log's own, which is closed. */
function replaced(store: TestLog['store']): TestLog['store'] {
  open.splice(0);
  open.push(() => store.close());
  return store;
}

test('a checkpoint is a signed note over size and root that any C2SP reader opens', async () => {
  const { store, checkpoints } = await logOf();
  await say(store);
  const { note, size } = await checkpoints.current();
  const head = await store.ground.database.log.head();
  const key = parseVerifierKey(printVerifierKey(checkpoints.key.verifier), sha256);
  assert.deepEqual(openCheckpoint(note, key, verifyEd25519), {
    origin: 'ambit.test/log',
    size: 1,
    root: new Uint8Array(head.root),
    extensions: [],
  });
  assert.equal(size, 1);
});

test('new checkpoints come at most every so often, unless one must cover an entry', async () => {
  const { store, checkpoints } = await logOf();
  await say(store);
  assert.equal((await checkpoints.current()).size, 1);
  await say(store);
  assert.equal((await checkpoints.current()).size, 1);
  assert.equal((await checkpoints.covering(2)).size, 2);
  await say(store);
  store.ground.clock.advance(5000);
  assert.equal((await checkpoints.current()).size, 3);
  assert.equal(checkpoints.newest()?.size, 3);
});

test('many who ask at once get one checkpoint, and each of them one that covers its entry', async () => {
  const { store, checkpoints, settings } = await logOf({ secondPlaceFile: join(emptyFolder(), 'checkpoints') });
  const made = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const id = await say(store);
      const { index } = (await store.ground.database.log.entry(acme, id))!;
      return { index, size: (await checkpoints.covering(index + 1)).size };
    }),
  );
  assert.ok(made.every(({ index, size }) => size > index));
  const lines = readFileSync(settings.secondPlaceFile!, 'utf8').trimEnd().split('\n');
  assert.ok(lines.length <= 20 && new Set(lines).size === lines.length);
});

test('a checkpoint over more entries than there are is refused', async () => {
  const { store, checkpoints } = await logOf();
  await say(store);
  await assert.rejects(checkpoints.covering(2), { code: 'log.not_that_long' });
});

test('a receipt proves its entry to anyone with the key, and proves no other', async () => {
  const { store, checkpoints } = await logOf();
  const ids = [await say(store), await say(store), await say(store)];
  const receipt = await receiptOf(store.ground, checkpoints, acme, ids[1]!);
  const { verifier } = checkpoints.key;
  assert.ok(verifyReceipt(receipt, verifier, sha256, verifyEd25519));
  assert.ok(!verifyReceipt({ ...receipt, index: 0 }, verifier, sha256, verifyEd25519));
  assert.ok(!verifyReceipt({ ...receipt, leaf: toBase64(new Uint8Array(32)) }, verifier, sha256, verifyEd25519));
  assert.throws(() => verifyReceipt({ ...receipt, checkpoint: '' }, verifier, sha256, verifyEd25519), /no signed note/);
  assert.match(await receiptHeader(store.ground, checkpoints, acme, ids[1]!), /^index=1, leaf=:.{44}:, size=3$/);
});

test('an entry of another tenant has no receipt, as if it did not exist', async () => {
  const { store, checkpoints } = await logOf();
  const id = await say(store, neighbour);
  await assert.rejects(receiptOf(store.ground, checkpoints, acme, id), { code: 'thing.not_found' });
});

test('every checkpoint is in the second place before anyone has it', async () => {
  const file = join(emptyFolder(), 'checkpoints');
  const { store, checkpoints } = await logOf({ secondPlaceFile: file });
  await say(store);
  const { note } = await checkpoints.current();
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { checkpoint: note });
});

test('a second place that takes nothing stops new checkpoints, and says so', async () => {
  const folder = emptyFolder();
  const { store, checkpoints } = await logOf({ secondPlaceFile: join(folder, 'checkpoints') });
  await say(store);
  mkdirSync(join(folder, 'checkpoints'));
  await assert.rejects(checkpoints.current(), { code: 'log.second_place_failed' });
  assert.equal(checkpoints.newest(), undefined);
  rmdirSync(join(folder, 'checkpoints'));
  assert.equal((await checkpoints.current()).size, 1);
});

test('a second place in a folder that is not there refuses to start, with what to do', async () => {
  const { store, settings } = await logOf();
  const secondPlaceFile = '/nowhere/mounted/checkpoints';
  await assert.rejects(
    openCheckpoints(store.ground, { ...settings, secondPlaceFile }),
    /mount it, or name another file/,
  );
});

test('a line that a crash cut short is passed over, another kind of file is not', async () => {
  const file = join(emptyFolder(), 'checkpoints');
  const { store, checkpoints, settings } = await logOf({ secondPlaceFile: file });
  await say(store);
  await checkpoints.current();
  appendFileSync(file, '{"checkpoint":"ambit.te');
  const again = await openCheckpoints(store.ground, settings);
  await say(store);
  store.ground.clock.advance(5000);
  assert.equal((await again.current()).size, 2);
  assert.equal(readFileSync(file, 'utf8').split('\n').length, 4);
  await openCheckpoints(store.ground, settings);
  writeFileSync(file, '127.0.0.1 localhost\n');
  await assert.rejects(openCheckpoints(store.ground, settings), LogFault);
});

test('a store that goes on where it was starts again, with the checkpoint it gave out last', async () => {
  const { store, checkpoints, settings } = await logOf({ secondPlaceFile: join(emptyFolder(), 'checkpoints') });
  for (let i = 0; i < 5; i++) await say(store);
  const { note } = await checkpoints.current();
  await say(store);
  assert.equal((await openCheckpoints(store.ground, settings)).newest()?.note, note);
});

// THREATS: cut-tail.
test('a store whose newest entries were cut off does not start, though it hides its own checkpoints', async () => {
  const log = await logOf({ secondPlaceFile: join(emptyFolder(), 'checkpoints') });
  for (let i = 0; i < 5; i++) await say(log.store);
  await log.checkpoints.current();
  const store = replaced(await tamper(log, 'DELETE FROM entries WHERE idx >= 3', 'DELETE FROM checkpoints'));
  await assert.rejects(
    openCheckpoints(store.ground, log.settings),
    /has 3 entries, but had 5 .*old backup was restored/,
  );
});

// THREATS: cut-tail.
test('a store without a second place still refuses to start behind a checkpoint of its own', async () => {
  const log = await logOf();
  for (let i = 0; i < 5; i++) await say(log.store);
  await log.checkpoints.current();
  const store = replaced(await tamper(log, 'DELETE FROM entries WHERE idx >= 4'));
  await assert.rejects(openCheckpoints(store.ground, log.settings), /has 4 entries, but had 5/);
});

// THREATS: cut-tail.
test('two histories of one size are proof of a fork, and are said to be', async () => {
  const log = await logOf({ secondPlaceFile: join(emptyFolder(), 'checkpoints') });
  for (let i = 0; i < 4; i++) await say(log.store);
  await log.checkpoints.current();
  const other = 'UPDATE entries SET leaf = zeroblob(32) WHERE idx = 2';
  const store = replaced(await tamper(log, other, 'DELETE FROM checkpoints'));
  await assert.rejects(
    openCheckpoints(store.ground, log.settings),
    /two roots of one size are proof that the log was forked/,
  );
});

// THREATS: cut-tail.
test('a running plane signs nothing that contradicts what it signed', async () => {
  const log = await logOf();
  for (let i = 0; i < 4; i++) await say(log.store);
  await log.checkpoints.current();
  const [forked, settings] = [await logOf(), log.settings];
  for (let i = 0; i < 6; i++) await say(forked.store);
  const checkpoints = await openCheckpoints(log.store.ground, settings);
  Object.assign(log.store.ground.database.log, forked.store.ground.database.log);
  await assert.rejects(checkpoints.covering(6), { code: 'log.contradicts_checkpoint' });
});

test('checkpoints that another key signed refuse to start, and name the likely cause', async () => {
  const { store, checkpoints, settings } = await logOf();
  await say(store);
  await checkpoints.current();
  const key = logKey('ambit.test/log', generateKeyPairSync('ed25519').privateKey);
  await assert.rejects(
    openCheckpoints(store.ground, { ...settings, key }),
    /Was the key file or the name of the log changed/,
  );
});

test('a second place that is no file refuses to start', async () => {
  const { store, settings } = await logOf();
  const file = join(emptyFolder(), 'checkpoints');
  mkdirSync(file);
  await assert.rejects(openCheckpoints(store.ground, { ...settings, secondPlaceFile: file }), /cannot be read/);
});
