// Another program writes into the store, or a second plane is started on it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { refused } from '../attacks/witness.ts';
import { namesHeard, openStage, type Stage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

test('while another program holds the store for writing, calls are refused in time; then the plane goes on', async () => {
  const { house, upstream, plane } = stage;
  const other = new Sqlite(join(house.config.dataDirectory, 'ambit.db'));
  try {
    assert.equal((await stage.pay()).response.status, 201);
    other.exec('BEGIN IMMEDIATE');
    const tried = await Promise.all([stage.pay(), stage.pay(), stage.pay()]);
    for (const { response } of tried) await refused(response, 'store.unavailable');
    await assert.rejects(house.openTask(), /store\.unavailable/);
  } finally {
    other.close();
  }
  assert.equal(namesHeard(upstream).length, 1, 'something was sent that could not be written down');
  assert.match(plane.written(), /SQLITE_BUSY.*another program holds it: end that program/);
  assert.equal((await stage.pay()).response.status, 201);
  await stage.holds();
});

test('a second plane on the same data does not start, says why, and leaves the first one alone', async () => {
  const { dataDirectory } = stage.house.config;
  await assert.rejects(
    stage.plane.another({ AMBIT_AGENT_PORT: '0', AMBIT_PEOPLE_PORT: '0' }),
    new RegExp(`another process holds the data directory ${dataDirectory}: stop it, or name another directory`),
  );
  assert.equal((await stage.pay()).response.status, 201);
  await stage.holds();
});
