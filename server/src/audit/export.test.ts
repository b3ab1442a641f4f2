import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { type ExportLine, printCheckpoint, printVerifierKey, signNote, type TenantId } from '@ambit/protocol';
import { entry, insert, remove, update } from '../foundation/index.ts';
import { openCheckpoints } from './checkpoint.ts';
import { exportLines, exportLog } from './export.ts';
import { logKey } from './log-key.ts';
import { receiptOf } from './receipt.ts';
import {
  acme,
  aliceAt,
  emptyFolder,
  giveGrant,
  grants,
  links,
  neighbour,
  openTestLog,
  plane,
  say,
  type TestLog,
  tamper,
} from './testing.ts';
import { anchorsIn, type ExportCheck, verifyExport } from './verify.ts';

const open: (() => Promise<void>)[] = [];
async function logOf(...more: Parameters<typeof openTestLog>): Promise<TestLog> {
  const log = await openTestLog(...more);
  open.push(() => log.close());
  return log;
}
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function linesOf(
  { store, checkpoints }: Pick<TestLog, 'store' | 'checkpoints'>,
  options = {},
  tenant: TenantId = acme,
) {
  const lines: ExportLine[] = [];
  const asked = { details: true, rows: true, ...options };
  for await (const line of exportLines(store.ground, checkpoints, tenant, plane, asked)) lines.push(line);
  return lines;
}

const verdictOf = (lines: readonly ExportLine[], given: ExportCheck = {}) =>
  verifyExport(
    lines.map((line) => JSON.stringify(line)),
    given,
  );

/** What Mallory left, read by a plane that does not look at start. */
async function linesAfter(log: TestLog, ...sql: string[]): Promise<ExportLine[]> {
  const store = await tamper(log, ...sql);
  open.splice(0);
  open.push(() => store.close());
  const unaware = { ...log.settings, secondPlaceFile: null };
  const checkpoints = await openCheckpoints(store.ground, unaware);
  return linesOf({ store, checkpoints });
}

async function story(log: TestLog): Promise<void> {
  await giveGrant(log.store, 'read', '0');
  await say(log.store, neighbour, { secret: 'of the neighbour' });
  await say(log.store, acme, { reason: 'a damaged parcel' });
  await giveGrant(log.store, 'refund', '100.00');
  const told = entry({ id: log.store.ground.newId('entry'), kind: 'test.narrowed', who: aliceAt() });
  const changes = [update(grants, { id: 'refund' }, { amount: '50.00' }), insert(links, { from: 'a', to: 'b' })];
  await log.store.ground.database.commit({ tenant: acme, changes, entries: [told] });
}

test('an export verifies offline: entries, details, rows and checkpoints', async () => {
  const log = await logOf();
  await story(log);
  const verdict = await verdictOf(await linesOf(log));
  assert.deepEqual(verdict.findings, []);
  assert.equal(verdict.ok, true);
  assert.deepEqual(
    { size: verdict.size, entries: verdict.entries, rows: verdict.rows, checked: verdict.details.checked },
    { size: 5, entries: 4, rows: 3, checked: 4 },
  );
});

test('without a checkpoint from elsewhere the verdict says consistent, not anchored', async () => {
  const log = await logOf();
  await story(log);
  const verdict = await verdictOf(await linesOf(log));
  assert.equal(verdict.anchoredAt, null);
  assert.match(verdict.says, /^Consistent, not anchored: 5 entries/);
});

test('the second place anchors an export', async () => {
  const file = join(emptyFolder(), 'checkpoints');
  const log = await logOf({ secondPlaceFile: file });
  await story(log);
  await log.checkpoints.current();
  await say(log.store);
  const key = printVerifierKey(log.checkpoints.key.verifier);
  const verdict = await verdictOf(await linesOf(log), { key, anchors: anchorsIn(readFileSync(file, 'utf8'), file) });
  assert.deepEqual(
    { ok: verdict.ok, at: verdict.anchoredAt, given: verdict.keyGiven },
    { ok: true, at: 6, given: true },
  );
  assert.match(verdict.says, /^Consistent and anchored/);
});

test('of other tenants an export holds nothing but hashes', async () => {
  const log = await logOf();
  await story(log);
  const text = JSON.stringify(await linesOf(log));
  assert.ok(!text.includes(neighbour) && !text.includes('of the neighbour'));
  assert.ok(text.includes('a damaged parcel'));
});

test('details stay sealed unless they are asked for', async () => {
  const log = await logOf();
  await story(log);
  const lines = await linesOf(log, { details: false });
  assert.ok(!JSON.stringify(lines).includes('a damaged parcel'));
  const verdict = await verdictOf(lines);
  assert.deepEqual([verdict.ok, verdict.details.withheld, verdict.details.checked], [true, 4, 0]);
});

test('an export is an entry itself, and part of what it exports', async () => {
  const { store, checkpoints } = await logOf();
  let text = '';
  const caller = { tenant: acme, who: aliceAt() };
  for await (const line of await exportLog(store.ground, checkpoints, caller, plane, { details: true, rows: false }))
    text += line;
  assert.match(text, /"kind":"log\.exported"/);
  assert.match(text, /"initiator":"Alice"/);
  assert.equal((await verifyExport(text.split('\n'))).ok, true);
});

test('a row that the plane itself wrote for the tenant is explained', async () => {
  const log = await logOf();
  await giveGrant(log.store, 'first administrator', '0', acme, plane);
  const verdict = await verdictOf(await linesOf(log));
  assert.deepEqual([verdict.ok, verdict.rows, verdict.entries], [true, 1, 0]);
});

test('the plane’s own rows are explained by entries of the tenants that wrote them', async () => {
  const log = await logOf();
  await giveGrant(log.store, 'name of acme', '0', plane, acme);
  await say(log.store, acme, { secret: 'kept by acme' });
  const lines = await linesOf(log, { explainedBy: [acme, neighbour] }, plane);
  assert.deepEqual((await verdictOf(lines)).findings, []);
  assert.ok(!JSON.stringify(lines).includes('kept by acme'));
  const without = await verdictOf(await linesOf(log, {}, plane));
  assert.deepEqual(
    without.findings.map((one) => one.what),
    ['row-unexplained'],
  );
});

test('a row that was removed by an entry is not missed', async () => {
  const log = await logOf();
  await giveGrant(log.store, 'short', '1');
  const told = entry({ id: log.store.ground.newId('entry'), kind: 'test.removed', who: aliceAt() });
  await log.store.ground.database.commit({ tenant: acme, changes: [remove(grants, { id: 'short' })], entries: [told] });
  assert.equal((await verdictOf(await linesOf(log))).ok, true);
});

test('a row written while rows are being read is no finding', async () => {
  const log = await logOf();
  await giveGrant(log.store, 'a', '1');
  const lines: ExportLine[] = [];
  for await (const line of exportLines(log.store.ground, log.checkpoints, acme, plane, {
    details: false,
    rows: true,
  })) {
    lines.push(line);
    if (line.type !== 'row') continue;
    const told = entry({ id: log.store.ground.newId('entry'), kind: 'test.narrowed', who: aliceAt() });
    await log.store.ground.database.commit({
      tenant: acme,
      changes: [update(grants, { id: 'a' }, { amount: '2' })],
      entries: [told],
    });
    await giveGrant(log.store, '0', '3');
  }
  const late = lines.filter((line) => line.type === 'row');
  assert.equal(late.length, 1);
  assert.deepEqual((await verdictOf(lines)).findings, []);
});

// THREATS: edited-row.
test('a row that was edited, added or deleted with SQL is found, while the log itself still verifies', async () => {
  const log = await logOf();
  await story(log);
  const lines = await linesAfter(
    log,
    "UPDATE test_grants SET amount = '99999.00' WHERE id = 'refund'",
    `INSERT INTO test_grants (tenant, id, amount) VALUES ('${acme}', 'payroll', '1')`,
    "DELETE FROM test_grants WHERE id = 'read'",
  );
  const verdict = await verdictOf(lines);
  assert.deepEqual(
    verdict.findings.map(({ what, says }) => [what, says.split(' ').slice(0, 6).join(' ')]),
    [
      ['row-unexplained', `No entry explains the row test_grants`],
      ['row-edited', `The row test_grants ${acme}|refund is not`],
      ['row-missing', `The row test_grants ${acme}|read is gone,`],
    ],
  );
  assert.match(verdict.says, /^NOT consistent: 3 findings/);
});

// THREATS: edited-row.
test('an old row put back is found: only the newest entry about a row explains it', async () => {
  const log = await logOf();
  await story(log);
  const lines = await linesAfter(log, "UPDATE test_grants SET amount = '100.00' WHERE id = 'refund'");
  assert.deepEqual(
    (await verdictOf(lines)).findings.map((one) => one.what),
    ['row-edited'],
  );
});

test('an entry that was edited is found and named', async () => {
  const log = await logOf();
  await story(log);
  const edited = `UPDATE entries SET header = replace(header, 'test.said', 'test.told') WHERE tenant = '${acme}'`;
  const verdict = await verdictOf(await linesAfter(log, edited));
  assert.deepEqual(
    verdict.findings.map((one) => one.what),
    ['entry-changed'],
  );
  assert.match(verdict.says, /Entry 2 \(ent_.* is not what was logged/);
});

test('a sealed detail that was swapped with another is found; one deleted for retention is not', async () => {
  const log = await logOf();
  await story(log);
  const swap = 'UPDATE entries SET detail = (SELECT detail FROM entries WHERE idx = 3) WHERE idx = 2';
  const verdict = await verdictOf(await linesAfter(log, swap, 'UPDATE entries SET detail = NULL WHERE idx = 0'));
  assert.deepEqual(
    verdict.findings.map((one) => one.what),
    ['detail-changed'],
  );
  assert.equal(verdict.details.deleted, 1);
});

test('an entry rewritten together with its leaf contradicts the checkpoints given out before', async () => {
  const file = join(emptyFolder(), 'checkpoints');
  const log = await logOf({ secondPlaceFile: file });
  await story(log);
  await log.checkpoints.current();
  const lines = await linesAfter(
    log,
    'UPDATE entries SET leaf = zeroblob(32) WHERE idx = 1',
    'DELETE FROM checkpoints',
  );
  assert.equal((await verdictOf(lines)).ok, true);
  const verdict = await verdictOf(lines, { anchors: anchorsIn(readFileSync(file, 'utf8'), file) });
  assert.deepEqual(
    verdict.findings.map((one) => one.what),
    ['fork'],
  );
  assert.match(verdict.says, /Two signed checkpoints of 5 entries have different roots.*proof that the log was forked/);
});

// THREATS: cut-tail.
test('a tail that was cut verifies alone, and is found with the checkpoint kept elsewhere', async () => {
  const file = join(emptyFolder(), 'checkpoints');
  const log = await logOf({ secondPlaceFile: file });
  await story(log);
  await log.checkpoints.current();
  const lines = await linesAfter(
    log,
    'DELETE FROM entries WHERE idx >= 2',
    'DELETE FROM checkpoints',
    'DELETE FROM test_grants',
    'DELETE FROM test_links',
    `INSERT INTO test_grants (tenant, id, amount) VALUES ('${acme}', 'read', '0')`,
  );
  const alone = await verdictOf(lines);
  assert.match(alone.says, /^Consistent, not anchored/);
  const verdict = await verdictOf(lines, { anchors: anchorsIn(readFileSync(file, 'utf8'), file) });
  assert.deepEqual(
    verdict.findings.map((one) => one.what),
    ['cut-tail'],
  );
  assert.match(verdict.says, /knows 5 entries, this export has 2/);
});

// THREATS: cut-tail.
test('a receipt that somebody kept catches the cut as well', async () => {
  const log = await logOf();
  await story(log);
  const { checkpoint } = await receiptOf(log.store.ground, log.checkpoints, acme, await say(log.store));
  const lines = await linesAfter(log, 'DELETE FROM entries WHERE idx >= 5', 'DELETE FROM checkpoints');
  assert.equal((await verdictOf(lines)).ok, true);
  const verdict = await verdictOf(lines, { anchors: [checkpoint] });
  assert.deepEqual(
    verdict.findings.map((one) => one.what),
    ['cut-tail'],
  );
});

test('a key given by the reader is believed before the one in the export', async () => {
  const log = await logOf();
  await story(log);
  const other = logKey('ambit.test/log', generateKeyPairSync('ed25519').privateKey);
  const verdict = await verdictOf(await linesOf(log), { key: printVerifierKey(other.verifier) });
  assert.ok(verdict.findings.some((one) => one.what === 'bad-checkpoint'));
  assert.equal(verdict.ok, false);
});

test('an anchor of another log, or an unsigned one, is refused', async () => {
  const log = await logOf();
  await story(log);
  const { sign, verifier } = logKey('other.test/log', generateKeyPairSync('ed25519').privateKey);
  const foreign = signNote(
    printCheckpoint({ origin: 'other.test/log', size: 1, root: new Uint8Array(32), extensions: [] }),
    verifier,
    sign,
  );
  for (const anchor of [foreign, 'no note at all']) {
    const verdict = await verdictOf(await linesOf(log), { anchors: anchorsIn(anchor, 'kept.txt') });
    assert.deepEqual(
      verdict.findings.map((one) => one.what),
      ['bad-checkpoint'],
    );
  }
});

test('an export that lost a line, or got one moved, does not verify', async () => {
  const log = await logOf();
  await story(log);
  const lines = await linesOf(log, { rows: false });
  for (const [i, line] of lines.entries()) {
    const without = lines.toSpliced(i, 1);
    assert.equal((await verdictOf(without)).ok, false, `without ${line.type}`);
  }
  const last = lines.length - 1;
  assert.equal((await verdictOf([...lines.slice(0, -2), lines[last]!, lines[last - 1]!])).ok, false);
  assert.equal((await verifyExport([])).ok, false);
  assert.equal((await verifyExport([...lines.map((line) => JSON.stringify(line)), '{"type":"note"}'])).ok, false);
});

test('rows that share the first column of their key are all exported, whatever the page', async () => {
  const log = await logOf();
  const told = entry({ id: log.store.ground.newId('entry'), kind: 'test.linked', who: aliceAt() });
  const many = Array.from({ length: 5100 }, (_, i) => insert(links, { from: `f${Math.floor(i / 30)}`, to: `t${i}` }));
  await log.store.ground.database.commit({ tenant: acme, changes: many, entries: [told] });
  const verdict = await verdictOf(await linesOf(log));
  assert.deepEqual([verdict.ok, verdict.rows], [true, 5100]);
});
