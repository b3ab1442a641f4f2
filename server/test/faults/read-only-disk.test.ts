// The disk is mounted without the right to write: the store's at the start, the second place's while the plane runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../attacks/witness.ts';
import { namesHeard, openStage, type Stage } from './stage.ts';

// Root may write where nobody may: the plane is started without that right.
const isRoot = process.getuid?.() === 0;
const rights = '-dac_override,-dac_read_search';
const bare = ['setpriv', `--bounding-set=${rights}`, `--inh-caps=${rights}`];
const canDrop = !isRoot || spawnSync(bare[0] ?? '', [...bare.slice(1), 'true']).status === 0;
const skip = canDrop ? false : 'needs setpriv of util-linux where tests run as root';
const starting = isRoot ? { through: bare } : {};

let stage: Stage;
before(async () => {
  stage = await openStage({ starting, env: { AMBIT_CHECKPOINT_SECONDS: '1' } });
});
after(() => stage.close());

const pay = async () => assert.equal((await stage.pay()).response.status, 201);

test('on a read-only store the plane does not start, says what to do, and starts as ever once it can write', {
  skip,
}, async () => {
  const { plane, upstream } = stage;
  const { dataDirectory } = stage.house.config;
  await pay();
  await plane.kill();
  const files = readdirSync(dataDirectory).map((name) => join(dataDirectory, name));
  const allow = (mode: { readonly file: number; readonly folder: number }) => {
    for (const file of files) chmodSync(file, mode.file);
    chmodSync(dataDirectory, mode.folder);
  };
  allow({ file: 0o400, folder: 0o500 });
  const says = /the store in .* \(SQLITE_[A-Z]+: .*\): it cannot be written: give this user the right to/;
  await assert.rejects(plane.start(), says);
  allow({ file: 0o600, folder: 0o700 });
  await plane.start();
  await pay();
  assert.equal(namesHeard(upstream).length, 2);
  await stage.holds();
});

test('while the second place cannot be written, calls go on and no new checkpoint is given out; later it catches up', {
  skip,
}, async () => {
  const { checkpointFile } = stage.house.config;
  const { operator } = stage.house.carol;
  const { size } = await operator.log.checkpoint();
  chmodSync(checkpointFile, 0o400);
  await pay();
  await assert.rejects(stage.holds(), 'an export without a checkpoint that covers it came to its end');
  await until('a word to the operator', () => /second place|EACCES/.test(stage.plane.written()) || undefined);
  chmodSync(checkpointFile, 0o600);
  await until('a newer checkpoint', async () => ((await operator.log.checkpoint()).size > size ? true : undefined));
  await stage.holds();
});

test('a second place that cannot be read at the start keeps the plane from starting, and says which one it is', {
  skip,
}, async () => {
  const { checkpointFile } = stage.house.config;
  await stage.plane.kill();
  const whole = readFileSync(checkpointFile);
  chmodSync(checkpointFile, 0o000);
  await assert.rejects(stage.plane.start(), /The second place for checkpoints cannot be read/);
  chmodSync(checkpointFile, 0o600);
  writeFileSync(checkpointFile, 'a shopping list\n');
  await assert.rejects(stage.plane.start(), /is no checkpoint: name another file, or bring back your copy/);
  writeFileSync(checkpointFile, whole);
  await stage.plane.start();
  await pay();
  await stage.holds();
});
