// The end of the write-ahead log is gone: a disk that lied about what it had kept, a copy that was made in between.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type EntryId, parseShortReceipt } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import { verifyExport } from '../../src/audit/index.ts';
import { until } from '../attacks/witness.ts';
import { randomFrom, seedOfRun } from './random.ts';
import { isFull } from './size.ts';
import { openStage, type Stage } from './stage.ts';

const seed = seedOfRun();
const rounds = isFull ? 20 : 2;

type Receipt = { readonly entry: EntryId; readonly index: number; readonly leaf: string };

let stage: Stage;
let whole: string;
/** What the agent kept of its answers. */
const receipts: Receipt[] = [];
/** Entries that the newest checkpoint in the second place covers. */
let anchored = 0;
/** Bytes of the write-ahead log before the first payment. */
let afterSetUp = 0;

async function pay(): Promise<void> {
  const { response } = await stage.pay();
  const told = parseShortReceipt(response.headers.get('ambit-receipt') ?? '') ?? assert.fail('no receipt came');
  const entry = response.headers.get('ambit-entry') as EntryId;
  receipts.push({ entry, index: told.index, leaf: told.leaf });
}

before(async () => {
  stage = await openStage({ env: { AMBIT_CHECKPOINT_SECONDS: '1' } });
  // Who reads holds back in the log what is written from now on.
  const reader = new Sqlite(join(stage.house.config.dataDirectory, 'ambit.db'), { readonly: true });
  reader.exec('BEGIN; SELECT count(*) FROM entries');
  afterSetUp = endOfLog();
  for (let i = 0; i < 10; i++) await pay();
  const last = receipts.at(-1)?.index ?? 0;
  const covering = await until('a checkpoint over all of it', async () => {
    const now = await stage.house.carol.operator.log.checkpoint();
    return now.size > last ? now : undefined;
  });
  anchored = covering.size;
  await pay();
  await pay();
  await stage.plane.kill();
  reader.close();
  const { dataDirectory } = stage.house.config;
  whole = `${dataDirectory}-whole`;
  cpSync(dataDirectory, whole, { recursive: true });
  cpSync(stage.house.config.checkpointFile, `${whole}.txt`);
});
after(async () => {
  try {
    await restore();
    await stage.plane.start();
  } finally {
    await stage.close();
  }
});

const walOf = () => join(stage.house.config.dataDirectory, 'ambit.db-wal');

/** Where it was begun anew the file stays as long as it was: what lies behind has other salts (https://sqlite.org/walformat.html). */
function endOfLog(): number {
  const wal = readFileSync(walOf());
  const salts = wal.subarray(16, 24);
  const frame = 24 + wal.readUInt32BE(8);
  let end = 32;
  while (end + frame <= wal.length && wal.subarray(end + 8, end + 16).equals(salts)) end += frame;
  return end;
}

async function restore(): Promise<void> {
  await stage.plane.kill();
  const { dataDirectory } = stage.house.config;
  rmSync(dataDirectory, { recursive: true });
  cpSync(whole, dataDirectory, { recursive: true });
  // A plane that ran on what was left has signed another history: that is another test's.
  cpSync(`${whole}.txt`, stage.house.config.checkpointFile);
}

/** Receipts of the agent that the log has nothing for any more, or something else. */
async function broken(): Promise<readonly Receipt[]> {
  const { operator } = stage.house.carol;
  const found = await Promise.all(
    receipts.map(({ entry }) =>
      operator.log.entry(entry).then(
        ({ receipt }) => receipt,
        () => undefined,
      ),
    ),
  );
  return receipts.filter(({ index, leaf }, i) => found[i]?.index !== index || found[i]?.leaf !== leaf);
}

const cutOff =
  /The checkpoint kept in .*second-place\.txt contradicts the store\. It has \d+ entries, but had \d+ .*Bring back the newer store/s;

test('a tail that was lost behind the newest checkpoint is found by the second place, and the plane does not start', async () => {
  await restore();
  truncateSync(walOf(), 0);
  await assert.rejects(stage.plane.start(), cutOff);
});

for (let round = 0; round < rounds; round++) {
  test(`wherever the tail is cut, it starts whole up to a checkpoint and receipts tell what is gone, or it does not start (seed ${seed + round})`, async (t) => {
    await restore();
    const size = endOfLog();
    const kept = randomFrom(seed + round).whole(afterSetUp, size - 1);
    truncateSync(walOf(), kept);
    t.diagnostic(`${kept} of ${size} bytes are left`);
    try {
      await stage.plane.start();
    } catch (error) {
      assert.match((error as Error).message, cutOff);
      return;
    }
    assert.equal((await stage.pay()).response.status, 201);
    const gone = await broken();
    assert.ok(
      gone.every(({ index }) => index >= anchored),
      'what a checkpoint covers is gone, and it started',
    );
    assert.ok(gone.length <= 2);
  });
}

test('without a second place it starts, the log says that it is not anchored, and receipts tell what is gone', async () => {
  await restore();
  truncateSync(walOf(), Math.floor((afterSetUp + endOfLog()) / 2));
  await stage.plane.start({ env: { AMBIT_CHECKPOINT_FILE: '' } });
  assert.ok((await broken()).length > 0, 'nothing was lost, so nothing was shown');
  const verdict = await verifyExport(await stage.house.carol.operator.log.export({ rows: true }));
  assert.deepEqual(verdict.findings, []);
  assert.match(verdict.says, /not anchored/);
});
