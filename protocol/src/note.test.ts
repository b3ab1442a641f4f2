import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { toBase64, toHex } from './bytes.ts';
import {
  type Ed25519Verify,
  NoteFault,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  printCheckpoint,
  printVerifierKey,
  signNote,
  verifierKey,
} from './note.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const verifyEd25519: Ed25519Verify = (raw, message, signature) => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') };
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
};

const pair = generateKeyPairSync('ed25519');
const rawKey = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const key = verifierKey('ambit.example/log', rawKey, sha256);
const signer = (message: Uint8Array) => new Uint8Array(sign(null, message, pair.privateKey));

const foreign = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const foreignNote =
  'This is an example message.\n\n' +
  '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

test('reads and verifies a note that another implementation signed', () => {
  const parsed = parseVerifierKey(foreign, sha256);
  assert.equal(toHex(parsed.keyId), '530d903a');
  assert.equal(printVerifierKey(parsed), foreign);
  assert.equal(openNote(foreignNote, parsed, verifyEd25519), 'This is an example message.\n');
});

test('a changed note, a foreign key and an unsigned note are refused with their reason', () => {
  const parsed = parseVerifierKey(foreign, sha256);
  assert.throws(
    () => openNote(foreignNote.replace('an example', 'no example'), parsed, verifyEd25519),
    /does not verify/,
  );
  assert.throws(() => openNote(foreignNote, key, verifyEd25519), /not signed by ambit\.example\/log/);
  assert.throws(() => openNote('text\n\n', parsed, verifyEd25519), /not signed by/);
  assert.throws(() => openNote('text\n', parsed, verifyEd25519), /no signed note/);
});

test('signatures of others are passed over, a bad one in our name spoils the note', () => {
  const note = signNote('hello\n', key, signer);
  const others = foreignNote.split('\n')[2];
  assert.equal(openNote(`${note}${others}\n`, key, verifyEd25519), 'hello\n');
  const forged = `— ${key.name} ${toBase64(Uint8Array.of(...key.keyId, ...new Uint8Array(64)))}\n`;
  assert.throws(() => openNote(note + forged, key, verifyEd25519), /does not verify/);
  const short = `— ${key.name} ${toBase64(Uint8Array.of(...key.keyId, 1))}\n`;
  assert.throws(() => openNote(note + short, key, verifyEd25519), /does not verify/);
});

test('refuses notes that could be read in two ways', () => {
  for (const text of ['no newline', 'tab\t\n', 'bell\u0007\n', 'cr\r\n', '\ud800\n', '']) {
    assert.throws(
      () => signNote(text, key, signer),
      /^NoteFault: A note is text .* ends in a newline/,
      JSON.stringify(text),
    );
  }
  const note = signNote('a\n\nb\n', key, signer);
  assert.equal(openNote(note, key, verifyEd25519), 'a\n\nb\n');
  for (const bad of [
    note.trimEnd(),
    note.replace('— ', '- '),
    note.replace('=\n', '\n'),
    `${note}junk\n`,
    note.replaceAll('\n', '\r\n'),
  ]) {
    assert.throws(() => openNote(bad, key, verifyEd25519), NoteFault, JSON.stringify(bad));
  }
  assert.throws(() => parseNote(`a\n\n${'— n AAAAAAA=\n'.repeat(101)}`), /at most 100/);
});

test('a signature line is one dash, one name and one text of base64', () => {
  const note = signNote('hello\n', key, signer);
  const line = note.split('\n')[2]!;
  const withLine = (changed: string) => `hello\n\n${changed}\n`;
  assert.equal(openNote(withLine(line), key, verifyEd25519), 'hello\n');
  const bytes = (count: number) => toBase64(new Uint8Array(count));
  for (const changed of [`x${line}`, `${line} x`, '—', `— a+b ${bytes(68)}`, `— n ${bytes(4)}`, '— n ***']) {
    assert.throws(() => parseNote(withLine(changed)), /A signature line of the note cannot be read/, changed);
  }
  assert.equal(parseNote(withLine(`— n ${bytes(5)}`)).signatures[0]!.signature.length, 1);
  assert.equal(parseNote(`a\n\n${`— n ${bytes(5)}\n`.repeat(100)}`).signatures.length, 100);
});

test('a signature of another length is refused, whatever the one who verifies says of it', () => {
  const note = `hello\n\n— ${key.name} ${toBase64(Uint8Array.of(...key.keyId, ...new Uint8Array(63)))}\n`;
  assert.throws(() => openNote(note, key, () => true), /does not verify/);
});

test('a verifier key that was changed, or names itself oddly, is refused', () => {
  assert.throws(() => parseVerifierKey(foreign.replace('foo', 'bar'), sha256), /was changed/);
  assert.throws(() => parseVerifierKey(foreign.replace('+A', '+B'), sha256), /no Ed25519 verifier key/);
  assert.throws(() => parseVerifierKey(foreign.slice(0, -4), sha256), /no Ed25519 verifier key/);
  for (const text of ['', `a+${foreign}`, 'example.com/foo+530d903a+***']) {
    assert.throws(() => parseVerifierKey(text, sha256), /no Ed25519 verifier key/, text);
  }
  for (const name of ['', 'a b', 'a+b', 'a\n', 'a\u2003b'])
    assert.throws(() => verifierKey(name, rawKey, sha256), /no key name/);
  assert.throws(() => verifierKey('a', rawKey.slice(1), sha256), /32 bytes/);
});

test('a checkpoint says origin, size and root, and keeps further lines', () => {
  const root = sha256(new Uint8Array());
  const checkpoint = { origin: key.name, size: 20852163, root, extensions: ['time 1'] };
  const text = printCheckpoint(checkpoint);
  assert.equal(text, `ambit.example/log\n20852163\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1\n`);
  assert.deepEqual(openCheckpoint(signNote(text, key, signer), key, verifyEd25519), checkpoint);
});

test('a checkpoint of another log is refused, even when the key signed it', () => {
  const text = printCheckpoint({
    origin: 'mallory.example/log',
    size: 1,
    root: sha256(new Uint8Array()),
    extensions: [],
  });
  assert.throws(() => openCheckpoint(signNote(text, key, signer), key, verifyEd25519), /not of ambit\.example\/log/);
});

test('refuses checkpoints whose parts are not what they should be', () => {
  const good = ['origin', '5', toBase64(new Uint8Array(32))];
  const put = (at: number, part: string) => `${good.map((old, i) => (i === at ? part : old)).join('\n')}\n`;
  for (const size of ['', '05', '-1', '1.0', '1e3', ' 5', '9007199254740993']) {
    assert.throws(() => parseCheckpoint(put(1, size)), NoteFault, size);
  }
  for (const root of ['', 'AA==', toBase64(new Uint8Array(33)), `${good[2]}=`]) {
    assert.throws(() => parseCheckpoint(put(2, root)), NoteFault, root);
  }
  for (const text of ['', 'origin\n', 'origin', 'origin\n5', 'origin\n5\n']) {
    assert.throws(() => parseCheckpoint(text), /This is no checkpoint: expected origin, size and root hash/, text);
  }
  assert.throws(() => parseCheckpoint(put(0, '')), NoteFault);
  assert.throws(() => parseCheckpoint(good.join('\n')), NoteFault);
  assert.throws(() => parseCheckpoint(`${put(0, 'origin')}\n`), NoteFault);
});

test('law: what is signed opens again, and one changed character does not', () => {
  const text = fc
    .string({ unit: fc.constantFrom('a', 'é', '—', ' ', '\n', '😀', '+'), maxLength: 30 })
    .map((line) => `${line}\n`);
  fc.assert(
    fc.property(text, fc.nat(), (original, at) => {
      const note = signNote(original, key, signer);
      assert.equal(openNote(note, key, verifyEd25519), original);
      const chars = [...note];
      const changed = chars.with(at % chars.length, chars[at % chars.length] === 'x' ? 'y' : 'x').join('');
      assert.throws(() => openNote(changed, key, verifyEd25519), NoteFault);
    }),
    { numRuns: 100 },
  );
});
