// Mallory cuts the newest entries off, or brings an old backup back: what happened last did not happen.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EntryId } from '@ambit/protocol';
import { connectOperator, type Operator } from '@ambit/sdk/operator';
import { anchorsIn, verifyExport } from '../../src/audit/index.ts';
import { serve } from '../../src/main.ts';
import { type House, openHouse, type Player } from '../house.ts';
import { edit } from './offline.ts';
import { atWork, type Working } from './questions.ts';
import { refund, until } from './witness.ts';

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

/** A copy of the store as it is now, and a plane of its own on it, with the same keys and a second place of its own. */
async function forkOf(name: string) {
  const directory = join(house.directory, name);
  mkdirSync(directory, { mode: 0o700 });
  await edit(house, (file) => {
    file.pragma('wal_checkpoint(TRUNCATE)');
  });
  copyFileSync(store(), join(directory, 'ambit.db'));
  const checkpointFile = join(house.directory, `${name}.txt`);
  copyFileSync(house.config.checkpointFile, checkpointFile);
  await house.restart();
  const config = { ...house.config, dataDirectory: directory, checkpointFile, agentPort: 0, peoplePort: 0 };
  const plane = await serve(config);
  const as = ({ id, key }: Player) => connectOperator({ url: plane.people, person: id, key });
  return { plane, checkpointFile, ada: await as(house.ada), carol: await as(house.carol) };
}

const notesIn = (path: string) => anchorsIn(readFileSync(path, 'utf8'), path);
const wholeOf = async (operator: Operator, anchors: readonly string[]) =>
  verifyExport(await operator.log.export({ rows: true, details: true }), { anchors });

test('two histories from one store, each whole in itself, are proof of a fork as soon as two of their checkpoints meet', async () => {
  const fork = await forkOf('fork');
  try {
    // Each goes on by itself, entry by entry, with the same keys.
    await house.ada.operator.limits.set({
      name: 'here',
      subject: 'tenant',
      limit: { calls: 9, seconds: 60 },
      reason: 'x',
    });
    await fork.ada.limits.set({ name: 'there', subject: 'tenant', limit: { calls: 9, seconds: 60 }, reason: 'x' });
    const sizes = async () => {
      const [here, there] = [await house.carol.operator.log.checkpoint(), await fork.carol.log.checkpoint()];
      return { here, there };
    };
    // Until both have given out a checkpoint of one size.
    const found = await until('checkpoints of one size', async () => {
      const { here, there } = await sizes();
      if (here.size === there.size) return { here: here.checkpoint, there: there.checkpoint };
      const behind = here.size < there.size ? house.ada.operator : fork.ada;
      for (let i = 0; i < Math.abs(here.size - there.size); i++) await behind.persons.issueCode(house.bob.id);
      return undefined;
    });
    assert.notEqual(found.here, found.there);
    const own = {
      here: await wholeOf(house.carol.operator, [found.here]),
      there: await wholeOf(fork.carol, [found.there]),
    };
    assert.deepEqual([own.here.ok, own.there.ok], [true, true], 'each history is whole in itself');
    for (const [operator, both] of [
      [house.carol.operator, [found.here, found.there]],
      [fork.carol, [found.there]],
      [fork.carol, [found.here]],
      [house.carol.operator, [found.there]],
    ] as const) {
      const verdict = await wholeOf(operator, both);
      const isForeign = both.includes(operator === fork.carol ? found.here : found.there);
      assert.equal(verdict.ok, !isForeign, verdict.says);
      if (!isForeign) continue;
      const said = verdict.findings.filter(({ what }) => what === 'fork').map(({ says }) => says);
      assert.match(said.join(' '), /proof that the log was forked or rewritten/);
    }
    // What each wrote to its second place tells the same, without asking either for a checkpoint.
    const crossed = await wholeOf(house.carol.operator, notesIn(fork.checkpointFile));
    assert.ok(
      crossed.findings.some(({ what }) => what === 'fork'),
      crossed.says,
    );
  } finally {
    await fork.plane.close();
  }
});

test('a second history does not start at the second place of the first, nor goes on there unseen', async () => {
  const older = join(house.directory, 'older.db');
  await edit(house, (file) => {
    file.pragma('wal_checkpoint(TRUNCATE)');
  });
  keep(older);
  await house.restart();
  await house.ada.operator.persons.issueCode(house.bob.id);
  await house.carol.operator.log.checkpoint();
  await house.plane.close();
  const directory = join(house.directory, 'second');
  mkdirSync(directory, { mode: 0o700 });
  copyFileSync(older, join(directory, 'ambit.db'));
  const config = { ...house.config, dataDirectory: directory, agentPort: 0, peoplePort: 0 };
  await assert.rejects(serve(config), {
    name: 'LogFault',
    message: /old\s+backup was restored|newest entries were cut off/,
  });
  // It grows elsewhere until it is longer than what the second place knows, and comes back with another past.
  const elsewhere = await serve({ ...config, checkpointFile: '' });
  const ada = await connectOperator({ url: elsewhere.people, person: house.ada.id, key: house.ada.key });
  for (let i = 0; i < 12; i++) await ada.persons.issueCode(house.carol.id);
  await elsewhere.close();
  await assert.rejects(serve(config), { name: 'LogFault', message: /forked or rewritten/ });
  await house.restart();
});
