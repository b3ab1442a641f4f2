import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { told } from '../testing.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ambit-cli-move-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const env = { AMBIT_DATA: join(scratch, 'data'), AMBIT_KEYS: join(scratch, 'ambit.keys') };

test('a move says what is wrong in one sentence, and what to do, and never repeats a password', async () => {
  assert.equal((await told(['init', '--name', 'Acme', '--admin', 'Alice'], { env })).code, 0);
  const away = await told(['move', '--to', 'postgres://ambit:hunter2@db.internal/ambit'], { env });
  assert.notEqual(away.code, 0);
  assert.match(away.err, /The move failed: the host db\.internal is not this machine: add sslmode=verify-full/);
  const nowhere = await told(['move', '--to', 'postgres://ambit:hunter2@127.0.0.1:1/ambit'], { env });
  assert.match(nowhere.err, /The move failed: the database: .*ECONNREFUSED/);
  assert.doesNotMatch(away.err + nowhere.err, /hunter2/);
  const none = await told(['move'], { env });
  assert.equal(none.code, 2);
});

const server = process.env.AMBIT_TEST_POSTGRES ?? '';
const skip = server === '' && 'no PostgreSQL: name a database that may be written to in AMBIT_TEST_POSTGRES';

test('a move says how far it is, and what to set next', { skip }, async () => {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: server });
  await client.connect();
  const schema = `ambit_move_${process.pid}`;
  await client.query(`CREATE SCHEMA ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const moved = await told(['move', '--to', url.href], { env });
  assert.equal(moved.code, 0, moved.err);
  assert.match(moved.err, /entries: \d+ of \d+/);
  assert.match(moved.out, /both sides are the same/);
  assert.match(moved.out, /AMBIT_STORE/);
  const again = await told(['serve'], { env });
  assert.match(again.err, /was moved to postgres:/);
  await client.query(`SET client_min_messages = warning; DROP SCHEMA ${schema} CASCADE`);
  await client.end();
});
