import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { toBase64, utf8 } from './bytes.ts';
import { detailHash, jsonDigest } from './digest.ts';
import type { EntryHeader } from './entry.ts';
import type { EntryId, TenantId } from './ids.ts';
import { canonicalJson } from './json.ts';
import { append, emptyRange, leafHash, rootOf } from './log-proof.ts';
import { type Ed25519Verify, printCheckpoint, printVerifierKey, signNote, verifierKey } from './note.ts';
import { type ExportLine, verifyExport } from './verify-export.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const verifyEd25519: Ed25519Verify = (raw, message, signature) => {
  const x = Buffer.from(raw).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};
const pair = generateKeyPairSync('ed25519');
const rawKey = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const key = verifierKey('ambit.test/log', rawKey, sha256);
const acme = 'ten_acme' as TenantId;

function headerOf(i: number, word: string): EntryHeader {
  const who = { requester: null, agent: null, agentUser: null, initiator: 'Alice', instance: null, environment: null };
  return {
    v: 1,
    id: `ent_${i}` as EntryId,
    tenant: acme,
    at: i,
    kind: 'test.said',
    who: { ...who, zone: null, channel: 'api', proof: 'none' },
    task: null,
    run: null,
    about: null,
    action: null,
    decision: null,
    code: word,
    keys: [],
    changes: [{ table: 'grants', key: `${acme}|${i}`, hash: jsonDigest(word, sha256) }],
    detailHash: detailHash('salt', canonicalJson({ word }), sha256),
  };
}

type Leafed = Extract<ExportLine, { type: 'entry' }>;

const entryLine = (i: number, word: string): Leafed => {
  const header = headerOf(i, word);
  const leaf = toBase64(leafHash(utf8(canonicalJson(header)), sha256));
  return { type: 'entry', index: i, leaf, header, detail: { salt: 'salt', detail: { word } } };
};

/** The checkpoint of exactly these entries, as their log would sign it. */
function checkpointOf(entries: readonly Leafed[]): string {
  const leaves = entries.map((one) => leafHash(utf8(canonicalJson(one.header)), sha256));
  const range = leaves.reduce((sofar, leaf) => append(sofar, leaf, sha256), emptyRange);
  const text = printCheckpoint({ origin: key.name, size: range.size, root: rootOf(range, sha256), extensions: [] });
  return signNote(text, key, (message) => sign(null, message, pair.privateKey));
}

function exportOf(entries: readonly Leafed[], note = checkpointOf(entries)): ExportLine[] {
  const rows = entries.map(
    ({ index, header }) =>
      ({ type: 'row', table: 'grants', key: `${acme}|${index}`, hash: header.changes[0]?.hash ?? '' }) as const,
  );
  return [
    { type: 'log', v: 1, tenant: acme, key: printVerifierKey(key), rowsSince: entries.length },
    ...rows,
    { type: 'checkpoint', note },
    ...entries,
  ];
}

const check = (lines: readonly unknown[], anchors: readonly string[] = []) =>
  verifyExport(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))),
    { sha256, verify: verifyEd25519, anchors },
  );

const words = (length: number) => Array.from({ length }, (_, i) => entryLine(i, `word ${i}`));

test('an anchor that stands in the export too is checked once, and another signature over the same text by itself', async () => {
  const entries = words(3);
  const note = checkpointOf(entries);
  let checked = 0;
  const counting: Ed25519Verify = (...signed) => {
    checked++;
    return verifyEd25519(...signed);
  };
  const lines = (standing: string) => exportOf(entries, standing).map((line) => JSON.stringify(line));
  const told = async (standing: string) => verifyExport(lines(standing), { sha256, verify: counting, anchors: [note] });
  const verdict = await told(note);
  assert.ok(verdict.ok, verdict.says);
  assert.deepEqual([checked, verdict.checkpoints, verdict.anchoredAt], [1, 1, 3]);
  const forged = note.replace(/.{8}=*\n$/, 'AAAAAAA=\n');
  assert.notEqual(forged, note);
  assert.equal((await told(forged)).findings[0]?.what, 'bad-checkpoint');
});

test('an honest export has no finding, at every size, anchored at every earlier one', async () => {
  for (let size = 0; size <= 9; size++) {
    const entries = words(size);
    const anchors = Array.from({ length: size + 1 }, (_, older) => checkpointOf(entries.slice(0, older)));
    const verdict = await check(exportOf(entries), anchors);
    assert.deepEqual(verdict.findings, [], `size ${size}`);
    assert.deepEqual([verdict.size, verdict.anchoredAt, verdict.rows], [size, size, size]);
  }
});

test('an honest export has no finding, whatever an agent called the members of a body', async () => {
  const told = [
    { zz: 1, '\\': 1 },
    { zz: 1, '"': 1 },
    { zz: 1, '\n': 1 },
  ];
  const entries = told.map((detail, i): Leafed => {
    const header = { ...headerOf(i, 'sent'), detailHash: detailHash('salt', canonicalJson(detail), sha256) };
    const leaf = toBase64(leafHash(utf8(canonicalJson(header)), sha256));
    return { type: 'entry', index: i, leaf, header, detail: { salt: 'salt', detail } };
  });
  assert.deepEqual((await check(exportOf(entries))).findings, []);
});

// THREATS: cut-tail.
test('law: whoever holds the log’s key cannot change, drop, add or move an entry below a checkpoint kept elsewhere', async () => {
  const forgery = fc.record({
    size: fc.integer({ min: 2, max: 12 }),
    at: fc.nat(),
    to: fc.nat(),
    how: fc.constantFrom('change', 'drop', 'insert', 'swap', 'cut'),
  });
  await fc.assert(
    fc.asyncProperty(forgery, async ({ size, at, to, how }) => {
      const honest = words(size);
      const anchor = checkpointOf(honest);
      const texts = honest.map((one) => String(one.header.code));
      const i = at % size;
      const j = (i + 1 + (to % (size - 1))) % size;
      const forged = {
        change: texts.with(i, 'forged'),
        drop: texts.toSpliced(i, 1),
        insert: texts.toSpliced(i, 0, 'forged'),
        swap: texts.with(i, texts[j]!).with(j, texts[i]!),
        cut: texts.slice(0, i),
      }[how];
      const entries = forged.map((word, index) => entryLine(index, word));
      // Mallory signs again, so the forged export is consistent in itself.
      assert.equal((await check(exportOf(entries))).ok, true);
      const verdict = await check(exportOf(entries), [anchor]);
      assert.equal(verdict.ok, false);
      assert.ok(verdict.findings.every((one) => one.what === 'fork' || one.what === 'cut-tail'));
    }),
    { numRuns: 60 },
  );
});

test('law: without the key, one changed line of an export is a finding', async () => {
  const change = fc.record({ line: fc.nat(), at: fc.nat() });
  const lines = exportOf(words(6)).map((line) => JSON.stringify(line));
  await fc.assert(
    fc.asyncProperty(change, async ({ line, at }) => {
      const target = lines[line % lines.length]!;
      const i = at % target.length;
      const bad = target.slice(0, i) + (target[i] === '7' ? '8' : '7') + target.slice(i + 1);
      const verdict = await check(lines.with(line % lines.length, bad));
      // The salt and the number of entries before the rows are the exporter's own words.
      if (!verdict.ok) return;
      const changed = JSON.parse(bad) as ExportLine;
      assert.ok(changed.type === 'log' && changed.rowsSince !== 6, bad);
    }),
    { numRuns: 200 },
  );
});

test('lines that are none, or out of place, are said with their number', async () => {
  const lines: unknown[] = exportOf(words(2));
  const says = async (changed: readonly unknown[]) => (await check(changed)).findings.map((one) => one.says).join('\n');
  assert.match(await says([...lines, '{']), /Line 7 is not a line of an export/);
  assert.match(await says([...lines, { type: 'toString' }]), /Line 7 is not a line/);
  assert.match(await says([...lines, lines[1]]), /Line 7 comes after entries/);
  assert.match(await says([lines[0], ...lines]), /begins with its one line of type log/);
  assert.match(await says(lines.slice(1)), /begins with its one line of type log/);
  assert.match(await says(lines.toSpliced(4, 1)), /Entry 1 stands where entry 0 is expected/);
  assert.match(await says(lines.toSpliced(1, 0, lines[1])), /The row grants ten_acme\|0 stands twice/);
  assert.match(await says([]), /The export is empty/);
  assert.match(await says(lines.toSpliced(3, 1)), /nothing says where it ends/);
});

test('a header that JSON of one meaning cannot hold is a changed entry, not a crash', async () => {
  const lines = exportOf(words(1)).map((line) => JSON.stringify(line).replace('"word 0"', '"\\ud800"'));
  const verdict = await check(lines);
  assert.ok(verdict.findings.some((one) => one.what === 'entry-changed'));
});

test('an export that is older than the anchor is not ok, and is not called tampered with', async () => {
  const entries = words(6);
  const older = entries.slice(0, 4);
  const anchorAt = (size: number) => checkpointOf(entries.slice(0, size));
  const verdict = await check(exportOf(older), [anchorAt(2), anchorAt(5), anchorAt(6), anchorAt(3)]);
  const knows =
    'The anchor knows 6 entries, this export has 4: the export is older than the anchor, or its tail was cut.';
  assert.deepEqual(
    [verdict.ok, verdict.olderThan, verdict.anchoredAt, verdict.findings.map(({ what }) => what)],
    [false, 6, 3, ['cut-tail']],
  );
  assert.equal(
    verdict.says,
    `Consistent up to its 4 entries. The anchor agrees with the first 3 of them. ${knows} Export again.`,
  );
  const unknown = await check(exportOf(older), [anchorAt(6)]);
  assert.equal(unknown.says, `Consistent up to its 4 entries. ${knows} Export again.`);
});

test('an older export that contradicts anything is not called older', async () => {
  const forged = [entryLine(0, 'forged'), ...words(4).slice(1)];
  const verdict = await check(exportOf(forged), [checkpointOf(words(2)), checkpointOf(words(6))]);
  assert.deepEqual([verdict.olderThan, verdict.findings.map(({ what }) => what)], [null, ['fork', 'cut-tail']]);
  assert.match(verdict.says, /^NOT consistent/);
});

test('a file that was cut off is said to be one, and nothing in it is accused', async () => {
  const whole = exportOf(words(30)).map((line) => JSON.stringify(line));
  const torn = await check([...whole.slice(0, 40), whole[40]!.slice(0, 50)], [checkpointOf(words(30))]);
  assert.deepEqual(
    torn.findings.map(({ says }) => says),
    ['Line 41 is not a line of an export.'],
  );
  const shorter = await check(whole.slice(0, 40), [checkpointOf(words(20))]);
  assert.deepEqual(
    shorter.findings.map(({ says }) => says),
    ['The export says that it has 30 entries, there are 8 here: its last lines are missing.'],
  );
});
