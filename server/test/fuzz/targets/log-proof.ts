import assert from 'node:assert/strict';
import {
  append,
  type ConsistencyClaim,
  canonicalJson,
  consistencyPath,
  type ExportLine,
  emptyRange,
  fromBase64,
  type InclusionClaim,
  inclusionPath,
  NoteFault,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseShortReceipt,
  parseVerifierKey,
  printCheckpoint,
  printShortReceipt,
  printVerifierKey,
  type Receipt,
  rootAt,
  rootOf,
  verifyConsistency,
  verifyExport,
  verifyInclusion,
  verifyReceipt,
} from '@ambit/protocol';
import { type Random, randomFrom } from '../../../src/policy/cedar/generate.testing.ts';
import { nativeJson, sortedText } from '../json.ts';
import { jsonMutation } from '../json-mutations.ts';
import { makerOf } from '../refused.ts';
import {
  base64,
  checkpointText,
  exportLines,
  forgedHeaders,
  headers,
  leafOf,
  leaves,
  logKey,
  nodeOf,
  pathOf,
  sha256,
  signedNote,
  signedTexts,
  splitOf,
  subproofOf,
  tenant,
  treeHash,
  verifyEd25519,
} from '../small-log.ts';
import { type Input, inputOf, type Mutation, type Target, textOf } from '../target.ts';

/* An input begins with a line that says what it poses as. Claims and receipts are JSON, hashes in it base64. */

// ---- a second reading of proofs, from the top of the tree down

type Hashes = readonly Uint8Array[];

/** The root that a leaf and its path lead to; undefined where the path has another length than the tree asks for. */
function rootBy(index: number, size: number, leaf: Uint8Array, path: Hashes): Uint8Array | undefined {
  if (size === 1) return path.length === 0 ? leaf : undefined;
  const [top, rest] = [path.at(-1), path.slice(0, -1)];
  if (top === undefined) return undefined;
  const split = splitOf(size);
  const below = index < split ? rootBy(index, split, leaf, rest) : rootBy(index - split, size - split, leaf, rest);
  if (below === undefined) return undefined;
  return index < split ? nodeOf(below, top) : nodeOf(top, below);
}

/** Both roots that a consistency path leads to. */
function rootsBy(older: number, size: number, path: Hashes, known: Uint8Array | undefined): Hashes | undefined {
  const [top, rest] = [path.at(-1), path.slice(0, -1)];
  if (older === size) {
    const only = known ?? top;
    return only !== undefined && path.length === (known === undefined ? 1 : 0) ? [only, only] : undefined;
  }
  if (top === undefined) return undefined;
  const split = splitOf(size);
  const [was, is] =
    (older <= split ? rootsBy(older, split, rest, known) : rootsBy(older - split, size - split, rest, undefined)) ?? [];
  if (was === undefined || is === undefined) return undefined;
  return older <= split ? [was, nodeOf(is, top)] : [nodeOf(top, was), nodeOf(top, is)];
}

const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.from(a).equals(b);
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
const areHashes = (all: Hashes) => all.every((one) => one.length === 32);

function includes({ leaf, index, size, root, path }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...path])) return false;
  return same(rootBy(index, size, leaf, path), root);
}

function continues({ older, newer, path }: ConsistencyClaim): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (!areHashes([older.root, newer.root, ...path])) return false;
  if (older.size === 0 && newer.size > 0) return path.length === 0 && same(treeHash([]), older.root);
  if (older.size === newer.size) return path.length === 0 && same(older.root, newer.root);
  const [was, is] = rootsBy(older.size, newer.size, path, older.root) ?? [];
  return same(was, older.root) && same(is, newer.root);
}

// ---- claims

type Json = { readonly [name: string]: unknown };
const bytesIn = (value: unknown) => new Uint8Array(Buffer.from(typeof value === 'string' ? value : '', 'base64'));
const hashesIn = (value: unknown) => (Array.isArray(value) ? value.map(bytesIn) : []);
const numberIn = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);
const bytesOfLeaf = (index: number) => leafOf(`leaf ${index}`);
const forest = Array.from({ length: 40 }, (_, index) => bytesOfLeaf(index));

function checkInclusion({ index, size, leaf, root, path }: Json): string {
  const claim = {
    index: numberIn(index),
    size: numberIn(size),
    leaf: bytesIn(leaf),
    root: bytesIn(root),
    path: hashesIn(path),
  };
  const holds = verifyInclusion(claim, sha256);
  assert.equal(holds, includes(claim), 'the proof of an entry is judged otherwise from the top down');
  const isOurs = claim.size <= forest.length && same(treeHash(forest.slice(0, claim.size)), claim.root);
  if (holds && isOurs) assert.ok(same(forest[claim.index], claim.leaf), 'an entry is proved that is not in the tree');
  return `inclusion: ${holds}${holds ? `, ${Math.min(claim.path.length, 6)} hashes` : ''}`;
}

function checkConsistency({ older, newer, path }: Json): string {
  const side = (value: unknown) => ({
    size: numberIn((value as Json | undefined)?.size),
    root: bytesIn((value as Json | undefined)?.root),
  });
  const claim = { older: side(older ?? {}), newer: side(newer ?? {}), path: hashesIn(path) };
  const holds = verifyConsistency(claim, sha256);
  assert.equal(holds, continues(claim), 'the proof of an older tree is judged otherwise from the top down');
  const isOurs =
    claim.newer.size <= forest.length && same(treeHash(forest.slice(0, claim.newer.size)), claim.newer.root);
  if (holds && isOurs)
    assert.ok(same(treeHash(forest.slice(0, claim.older.size)), claim.older.root), 'a tree is proved that never was');
  return `consistency: ${holds}${holds ? `, ${Math.min(claim.path.length, 6)} hashes` : ''}`;
}

/** What the log makes itself, against the definitions. */
async function checkTree(seed: number): Promise<string> {
  const random = randomFrom(seed);
  const size = random.below(forest.length + 1);
  const all = forest.slice(0, size);
  const nodeAt = (level: number, index: number) => treeHash(all.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const range = all.reduce((sofar, leaf) => append(sofar, leaf, sha256), emptyRange);
  assert.ok(same(rootOf(range, sha256), treeHash(all)), 'the root that was appended to');
  assert.ok(same(await rootAt(size, nodeAt, sha256), treeHash(all)), 'the root from whole subtrees');
  if (size === 0) return 'tree: empty';
  const index = random.below(size);
  const older = 1 + random.below(size);
  assert.deepEqual((await inclusionPath(size, index, nodeAt, sha256)).map(base64), pathOf(index, all).map(base64));
  assert.deepEqual(
    (await consistencyPath(older, size, nodeAt, sha256)).map(base64),
    subproofOf(older, all).map(base64),
  );
  return `tree: ${Math.min(size, 5)}`;
}

// ---- notes

const known = new Set(signedTexts);

function noted<T>(act: () => T): { readonly value: T } | { readonly fault: NoteFault } {
  try {
    return { value: act() };
  } catch (error) {
    if (error instanceof NoteFault) return { fault: error };
    throw error;
  }
}

function checkNote(note: string): string {
  const opened = noted(() => openNote(note, logKey, verifyEd25519));
  const checkpoint = noted(() => openCheckpoint(note, logKey, verifyEd25519));
  if ('fault' in opened) {
    assert.ok('fault' in checkpoint, 'a checkpoint in a note that does not open');
    assert.ok(!signedTexts.some((text) => note === signedNote(text)), 'what the log signed is refused');
    return `note: ${makerOf(opened.fault)}`;
  }
  assert.ok(known.has(opened.value), 'a text that the log never signed');
  assert.ok(note.startsWith(`${opened.value}\n`) && note.endsWith('\n'));
  const lines = note.slice(opened.value.length + 1, -1).split('\n');
  assert.ok(
    lines.every((line) => /^— [^\s+]+ [A-Za-z0-9+/]+={0,2}$/u.test(line)),
    'a line of a note is passed over',
  );
  if ('fault' in checkpoint) return `note: opened, no checkpoint`;
  assert.equal(printCheckpoint(checkpoint.value), opened.value, 'a checkpoint has two spellings');
  assert.equal(checkpoint.value.origin, logKey.name);
  return `note: a checkpoint, ${Math.min(lines.length, 3)} signatures`;
}

function checkSpellings(text: string): string {
  const checkpoint = noted(() => parseCheckpoint(text));
  if ('value' in checkpoint) assert.equal(printCheckpoint(checkpoint.value), text, 'a checkpoint has two spellings');
  const key = noted(() => parseVerifierKey(text, sha256));
  if ('value' in key) assert.equal(printVerifierKey(key.value), text, 'a verifier key has two spellings');
  const short = parseShortReceipt(text);
  if (short !== undefined) assert.equal(printShortReceipt(short), text, 'a short receipt has two spellings');
  const bytes = fromBase64(text);
  if (bytes !== undefined) assert.equal(base64(bytes), text, 'base64 has two spellings');
  return `spelling: ${'value' in checkpoint ? 'checkpoint' : 'value' in key ? 'key' : short !== undefined ? 'receipt' : bytes !== undefined ? 'base64' : 'none'}`;
}

function checkReceipt(json: Json): string {
  const receipt: Receipt = {
    entry: headers[0]!.id,
    index: numberIn(json.index),
    leaf: String(json.leaf),
    path: Array.isArray(json.path) ? json.path.map(String) : [],
    checkpoint: String(json.checkpoint),
  };
  const told = noted(() => verifyReceipt(receipt, logKey, sha256, verifyEd25519));
  if ('fault' in told) return `receipt: ${makerOf(told.fault)}`;
  if (told.value)
    assert.equal(
      receipt.leaf,
      base64(leaves[receipt.index] ?? new Uint8Array()),
      'a receipt for what is not in the log',
    );
  return `receipt: ${told.value}`;
}

// ---- exports

const honest = exportLines();
const anchor = signedNote(checkpointText(leaves.length));
const ofType = <T extends ExportLine['type']>(lines: readonly unknown[], type: T) =>
  lines.filter((line): line is Extract<ExportLine, { type: T }> => (line as ExportLine).type === type);

/** What whoever holds the key signs anew is caught by a checkpoint of fewer entries too, if it was kept elsewhere. */
async function assertForgeryIsCaught(lines: readonly string[]): Promise<void> {
  const anchors = [signedNote(checkpointText(7))];
  const verdict = await verifyExport(lines, { ...options, anchors });
  if (!verdict.ok) return;
  assert.equal(verdict.anchoredAt, 7, 'an anchor is passed over');
  const read = lines.map((line) => nativeJson(line)?.value ?? {});
  for (const { index, header } of ofType(read, 'entry').filter((one) => Number(String(one.index)) < 7))
    assert.equal(sortedText(header), canonicalJson(headers[Number(String(index))]), `entry ${index} is forged unseen`);
}

const options = { sha256, verify: verifyEd25519, key: printVerifierKey(logKey) };

async function checkExport(text: string): Promise<string> {
  const lines = text.split('\n');
  if (text.includes('"forged"')) await assertForgeryIsCaught(lines);
  const verdict = await verifyExport(lines, { ...options, anchors: [anchor] });
  assert.equal(verdict.ok, verdict.findings.length === 0);
  assert.equal(verdict.ok, verdict.says.startsWith('Consistent and anchored'), verdict.says);
  if (!verdict.ok) {
    assert.notEqual(text, honestText, `an honest export is doubted: ${verdict.says}`);
    return `export: ${verdict.findings[0]?.what}${verdict.findings.length > 1 ? ' and more' : ''}`;
  }
  const read = lines.filter((line) => line.trim() !== '').map((line) => nativeJson(line)?.value);
  assert.deepEqual(
    [verdict.size, verdict.root, verdict.anchoredAt],
    [leaves.length, base64(treeHash(leaves)), leaves.length],
  );
  for (const { index, header, detail } of ofType(read, 'entry')) {
    assert.equal(
      sortedText(header),
      canonicalJson(headers[Number(String(index))]),
      `entry ${index} is not what was logged`,
    );
    if (typeof detail === 'string') continue;
    const original = ofType(honest, 'entry')[Number(String(index))]?.detail;
    assert.ok(typeof original === 'object', `a detail out of nowhere at ${index}`);
    assert.equal(
      sortedText(detail.detail),
      canonicalJson(original.detail),
      `the detail of entry ${index} is not what was sealed`,
    );
  }
  assertRows(read, verdict.tenant);
  return `export: ok, ${verdict.entries === headers.length ? 'all' : 'some'} entries, ${verdict.details.checked} details, ${verdict.rows} rows`;
}

/** Where the export speaks of the tenant and of rows as of its end, they are the log's. */
function assertRows(read: readonly unknown[], of: string | null): void {
  const [log] = ofType(read, 'log');
  if (of !== tenant || log === undefined || log.rowsSince === null || Number(String(log.rowsSince)) < leaves.length)
    return;
  const isWhole = ofType(read, 'entry').length === headers.length;
  const rows = ofType(read, 'row')
    .map(({ table, key, hash }) => `${table} ${key} ${hash}`)
    .sort();
  const expected = ofType(honest, 'row')
    .map(({ table, key, hash }) => `${table} ${key} ${hash}`)
    .sort();
  for (const row of rows) assert.ok(expected.includes(row), `the row ${row} is not what the log made it`);
  if (isWhole) assert.deepEqual(rows, expected, 'other rows than the log made');
}

// ---- inputs

const claimOf = (random: Random): Input => {
  const size = 1 + random.below(forest.length);
  const all = forest.slice(0, size);
  const root = base64(treeHash(all));
  if (random.chance(0.5)) {
    const index = random.below(size);
    return `inclusion\n${JSON.stringify({ index, size, leaf: base64(all[index]!), root, path: pathOf(index, all).map(base64) })}`;
  }
  const older = 1 + random.below(size);
  const was = { size: older, root: base64(treeHash(all.slice(0, older))) };
  return `consistency\n${JSON.stringify({ older: was, newer: { size, root }, path: subproofOf(older, all).map(base64) })}`;
};

const receipt = (index: number, size: number) => ({
  entry: 'ent_x',
  index,
  leaf: base64(leaves[index]!),
  path: pathOf(index, leaves.slice(0, size)).map(base64),
  checkpoint: signedNote(checkpointText(size)),
});

const textOfLines = (lines: readonly ExportLine[]) => lines.map((line) => JSON.stringify(line)).join('\n');
const honestText = textOfLines(honest);
const otherSignature = `— another.log ${base64(Buffer.alloc(68, 7))}\n`;

const seeds = () =>
  [
    'tree 1',
    `note\n${signedNote(signedTexts[3]!)}`,
    `note\n${signedNote(signedTexts.at(-1)!)}${otherSignature}`,
    `note\n${signedNote(signedTexts.at(-2)!)}`,
    `spelling\n${checkpointText(5)}`,
    `spelling\n${printVerifierKey(logKey)}`,
    `spelling\n${printShortReceipt({ index: 12, leaf: base64(leaves[0]!), size: 10 })}`,
    `receipt\n${JSON.stringify(receipt(4, 7))}`,
    `receipt\n${JSON.stringify(receipt(11, 12))}`,
    `export\n${honestText}`,
    `export\n${textOfLines(exportLines(forgedHeaders))}`,
    `export\n${textOfLines(exportLines(forgedHeaders).toSpliced(5, 1))}`,
  ].map((text) => inputOf(text));

const names = [
  'type',
  'index',
  'leaf',
  'header',
  'detail',
  'salt',
  'size',
  'root',
  'path',
  'rowsSince',
  'tenant',
  'key',
  'hash',
  'note',
  'from',
  'hashes',
  'changes',
  'v',
  'code',
  'table',
];
const values = [
  ...[
    0,
    1,
    2,
    7,
    12,
    13,
    -1,
    0.5,
    2 ** 32,
    2 ** 53,
    1e300,
    null,
    true,
    [],
    {},
    '',
    'withheld',
    'deleted',
    'unreadable',
    'entry',
    'row',
    'leaves',
  ],
  ...[
    base64(leaves[0]!),
    base64(leaves[5]!),
    base64(treeHash(leaves)),
    base64(treeHash([])),
    'AAAA',
    signedNote(checkpointText(3)),
    'ten_other',
  ],
];

const onJsonLine = jsonMutation({ names, values }, (input, random) => {
  const lines = input.split('\n');
  const at = 1 + random.below(Math.max(1, lines.length - 1));
  return [
    `${lines.slice(0, at).join('\n')}\n`,
    lines[at] ?? '',
    lines
      .slice(at + 1)
      .map((line) => `\n${line}`)
      .join(''),
  ];
});

/** Takes a line out, doubles it, or puts it where another one is. */
const moveLine: Mutation = (random, input) => {
  const [kind = '', ...lines] = input.split('\n');
  const at = random.below(lines.length);
  const line = random.chance(0.3) ? [] : [lines[random.below(lines.length)] ?? ''];
  lines.splice(at, random.below(2), ...line);
  return [kind, ...lines].join('\n');
};

/** An entry becomes nothing but its hash, as entries of others do. */
const hideEntry: Mutation = (random, input) => {
  const lines = input.split('\n');
  const at = random.below(lines.length);
  const match = /^\{"type":"entry","index":(\d+),"leaf":"([^"]+)"/.exec(lines[at] ?? '');
  if (match === null) return input;
  lines[at] = `{"type":"leaves","from":${match[1]},"hashes":["${match[2]}"]}`;
  return lines.join('\n');
};

/** Texts of which there is one spelling, and signs that lenient readers pass over, where a number or a hash begins or ends. */
function respelled(random: Random): Input {
  const text = random.pick([
    checkpointText(random.below(leaves.length + 1)),
    printVerifierKey(logKey),
    printShortReceipt({ index: random.below(20), leaf: base64(leaves[0]!), size: random.below(20) }),
    base64(leaves[1]!),
  ]);
  // The last character of base64 holds bits that belong to no byte.
  if (random.chance(0.3))
    return inputOf(`spelling\n${text.replace(/.(?==)/, () => random.pick(['A', 'B', 'Q', 'h', '/']))}`);
  const seams = [...text.matchAll(/\b|$/g)].map(({ index }) => index);
  const at = random.pick(seams);
  return inputOf(
    `spelling\n${text.slice(0, at)}${random.pick(['0', '+', '-', ' ', '=', '\n', '.0', 'A', '\r', ''])}${text.slice(at)}`,
  );
}

export const target: Target = {
  holds: 'a proof, note or export that was changed never verifies as another one',
  dictionary: [
    ...names.map((name) => `"${name}":`),
    '— ',
    '\n\n',
    '=',
    '+',
    '"withheld"',
    '"deleted"',
    '00',
    'index=',
    '1e0',
    otherSignature,
  ],
  generate: (random) => random.pick([claimOf, claimOf, respelled, () => `tree ${random.below(2 ** 31)}`])(random),
  generatedShare: 0.3,
  inputBytesMax: 16_000,
  millisecondsMax: 1000,
  mutations: [onJsonLine, onJsonLine, onJsonLine, moveLine, hideEntry],
  reaches: [
    ...[
      'tree: ',
      'inclusion: true',
      'inclusion: false',
      'consistency: true',
      'consistency: false',
      'note: a checkpoint',
      'note: openNote',
    ],
    ...[
      'receipt: true',
      'receipt: false',
      'export: ok, all',
      'export: ok, some',
      'export: root-mismatch',
      'export: row-edited',
      'export: detail-changed',
    ],
    ...['spelling: checkpoint', 'spelling: key', 'spelling: receipt'],
  ],
  seeds,
  open: () => ({
    check(input) {
      const [, seed] = /^tree ([0-9]{1,10})$/.exec(input) ?? [];
      if (seed !== undefined) return checkTree(Number(seed));
      const line = input.indexOf('\n');
      const [kind, text] = [input.slice(0, line), textOf(input.slice(line + 1))];
      if (kind === 'export') return checkExport(text);
      if (kind === 'note') return checkNote(text);
      if (kind !== 'inclusion' && kind !== 'consistency' && kind !== 'receipt') return checkSpellings(text);
      const json = objectIn(text);
      if (json === undefined) return `${kind}: no JSON`;
      if (kind === 'receipt') return checkReceipt(json);
      return kind === 'inclusion' ? checkInclusion(json) : checkConsistency(json);
    },
  }),
};

function objectIn(text: string): Json | undefined {
  if (nativeJson(text) === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as Json) : undefined;
}
