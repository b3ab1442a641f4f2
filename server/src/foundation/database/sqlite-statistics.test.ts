import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatId } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import type { Listing } from './database.ts';
import { listing } from './sqlite.ts';
import { migrate } from './sqlite-schema.ts';
import { declaredTables, eraseRow, table } from './table.ts';

type Piece = { id: string; parent: string | null; owner: string; state: string; endsAt: number };
const pieces = table<Piece>('test_pieces', {
  columns: { id: 'text', parent: 'text', owner: 'text', state: 'text', endsAt: 'integer' },
  key: ['id'],
  indexes: [['parent'], ['owner', 'state'], ['state', 'endsAt'], ['endsAt']],
  governed: false,
});
const tenant = formatId('tenant', new Uint8Array(13).fill(1));

const plans: readonly [what: string, ask: Listing<Piece>, plan: string][] = [
  ['the pieces of one', { where: { parent: 'a' }, limit: 100 }, 'test_pieces_parent (tenant=? AND parent=?)'],
  [
    'the pieces of several, page by page',
    { where: { parent: ['a', 'b', 'c'] }, order: ['id', 'asc'], after: 'x', limit: 10_000 },
    'test_pieces_parent (tenant=? AND parent=? AND id>?)',
  ],
  [
    'those of one owner, the newest first',
    { where: { owner: 'o', state: ['new', 'old'] }, order: ['endsAt', 'desc'], limit: 10_000 },
    'test_pieces_owner_state (tenant=? AND owner=? AND state=?)',
  ],
  [
    'those that end next',
    { where: { state: 'new' }, order: ['endsAt', 'asc'], limit: 500 },
    'test_pieces_state_endsAt (tenant=? AND state=?)',
  ],
  [
    'those of several states, page by page',
    { where: { state: ['new', 'old'] }, order: ['id', 'asc'], after: 'x', limit: 500 },
    'PRIMARY KEY (tenant=? AND id>?)',
  ],
  ['the oldest', { order: ['endsAt', 'asc'], limit: 1 }, 'test_pieces_endsAt (tenant=?)'],
];

test('a listing goes by the index that leaves the fewest rows, whatever the store holds', () => {
  const file = new Sqlite(':memory:');
  for (const round of ['empty', 'one row']) {
    migrate(file, declaredTables());
    for (const [what, ask, expected] of plans) {
      const { text, values } = listing(pieces, tenant, ask);
      const [first] = file.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values) as { detail: string }[];
      assert.ok(first?.detail.endsWith(expected), `${what}, ${round}: ${first?.detail}`);
    }
    file.exec(`INSERT OR REPLACE INTO "${eraseRow(pieces).name}" VALUES ('${tenant}', 'a', NULL, 'o', 'new', 1)`);
  }
  file.close();
});
