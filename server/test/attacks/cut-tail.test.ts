// Mallory cuts the newest entries off, or brings an old backup back: what happened last did not happen.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EntryId } from '@ambit/protocol';
import { anchorsIn, verifyExport } from '../../src/audit/index.ts';
import { type House, openHouse } from '../house.ts';
import { edit } from './offline.ts';
import { atWork, type Working } from './questions.ts';
import { refund } from './witness.ts';

let house: House;
let working: Working;
let backup: string;
before(async () => {
  house = await openHouse({ env: { AMBIT_CHECKPOINT_SECONDS: '1' } });
  working = await atWork(house);
  await house.carol.operator.log.checkpoint();
});
after(() => house.close());

const store = () => join(house.config.dataDirectory, 'ambit.db');
const files = ['', '-wal', '-shm'];
const keep = (to: string) => copyFileSync(store(), to);
function bringBack(from: string): void {
  for (const ending of files) rmSync(store() + ending, { force: true });
  copyFileSync(from, store());
}

test('an old backup does not start: the second place knows of newer entries', async () => {
  backup = join(house.directory, 'backup.db');
  await edit(house, (file) => {
    file.pragma('wal_checkpoint(TRUNCATE)');
  });
  keep(backup);
  await house.restart();
  assert.equal((await refund(working.agent, working.token, '20.00')).status, 201);
  await house.carol.operator.log.checkpoint();
  const newer = join(house.directory, 'newer.db');
  await edit(house, (file) => {
    file.pragma('wal_checkpoint(TRUNCATE)');
  });
  keep(newer);
  bringBack(backup);
  await assert.rejects(house.restart(), {
    name: 'LogFault',
    message: /old\s+backup was restored|newest entries were cut off/,
  });
  bringBack(newer);
  await house.restart();
});

test('newest entries that were removed by SQL are missed at the next start', async () => {
  assert.equal((await refund(working.agent, working.token, '21.00')).status, 201);
  await house.carol.operator.log.checkpoint();
  const whole = join(house.directory, 'whole.db');
  await edit(house, (file) => {
    file.pragma('wal_checkpoint(TRUNCATE)');
  });
  keep(whole);
  await edit(house, (file) => {
    file.exec('DELETE FROM entries WHERE idx > (SELECT MAX(idx) - 3 FROM entries)');
    file.exec('DELETE FROM nodes WHERE (idx + 1) * (1 << level) > (SELECT MAX(idx) + 1 FROM entries)');
  });
  await assert.rejects(house.restart(), { name: 'LogFault', message: /cut off/ });
  // Even where Mallory removes what the store itself remembers of its checkpoints.
  await edit(house, (file) => {
    file.exec('DELETE FROM checkpoints WHERE size > (SELECT MAX(idx) + 1 FROM entries)');
  });
  await assert.rejects(house.restart(), { name: 'LogFault', message: /cut off/ });
  bringBack(whole);
  await house.restart();
});

test('an entry that was rewritten is proof of a rewritten log, and the plane signs nothing more', async () => {
  const whole = join(house.directory, 'whole-again.db');
  await edit(house, (file) => {
    file.pragma('wal_checkpoint(TRUNCATE)');
  });
  keep(whole);
  await edit(house, (file) => {
    file.exec('UPDATE entries SET leaf = zeroblob(32) WHERE idx = (SELECT MAX(idx) - 1 FROM entries)');
  });
  await assert.rejects(house.restart(), { name: 'LogFault', message: /forked or rewritten/ });
  bringBack(whole);
  await house.restart();
});

test('a second place that was thrown away is missed by whoever kept a checkpoint', async () => {
  const { checkpointFile } = house.config;
  const kept = readFileSync(checkpointFile, 'utf8');
  const anchors = anchorsIn(kept, checkpointFile);
  const newer = join(house.directory, 'last.db');
  await edit(house, (file) => {
    file.pragma('wal_checkpoint(TRUNCATE)');
  });
  keep(newer);
  bringBack(backup);
  rmSync(checkpointFile);
  // Nothing on this machine remembers any more: it starts, and only a copy elsewhere can tell.
  await house.restart();
  const alone = await verifyExport(await house.carol.operator.log.export());
  assert.equal(alone.anchoredAt, null, 'a log that nobody else has seen was called anchored');
  assert.match(alone.says, /not anchored/);
  const verdict = await verifyExport(await house.carol.operator.log.export(), { anchors });
  assert.equal(verdict.ok, false);
  assert.ok(
    verdict.findings.some((one) => one.what === 'cut-tail' || one.what === 'fork'),
    JSON.stringify(verdict.findings),
  );
  await house.plane.close();
  writeFileSync(checkpointFile, kept);
  bringBack(newer);
  await house.restart();
});

test('an answer’s entry comes with a receipt that whoever has it can hold against the log', async () => {
  const response = await refund(working.agent, working.token, '22.00');
  const id = response.headers.get('ambit-entry') as EntryId;
  const { receipt } = await house.carol.operator.log.entry(id);
  assert.equal(receipt.entry, id);
  const verdict = await verifyExport(await house.carol.operator.log.export(), { anchors: [receipt.checkpoint] });
  assert.equal(verdict.ok, true, verdict.says);
  assert.ok((verdict.anchoredAt ?? 0) > receipt.index);
});
