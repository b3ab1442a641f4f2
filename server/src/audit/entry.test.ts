import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { entryKinds, kindSentence } from './entry.ts';

const rooms = join(import.meta.dirname, '..');

/** Kinds that the sources write, as far as they stand there in one piece. */
function kindsWritten(): Map<string, string> {
  const written = new Map<string, string>();
  for (const file of globSync('**/*.ts', { cwd: rooms })) {
    if (/\.test\.ts$|testing/.test(file)) continue;
    const text = readFileSync(join(rooms, file), 'utf8');
    for (const [, expression = ''] of text.matchAll(/\bkind: ([^,;{}]*'[a-z]+\.[a-z-]+'[^,;{}]*)/g)) {
      for (const [, kind = ''] of expression.matchAll(/'([a-z]+\.[a-z-]+)'/g)) written.set(kind, file);
    }
  }
  return written;
}

test('every kind of entry that a room writes has its sentence in the table', () => {
  const written = kindsWritten();
  assert.ok(written.size > 20, 'the search found the rooms');
  const missing = [...written].filter(([kind]) => !Object.hasOwn(entryKinds, kind));
  assert.deepEqual(missing, [], 'add one sentence for each to audit/entry.ts');
});

test('the table is in order, and each of its sentences is one', () => {
  const kinds = Object.keys(entryKinds);
  assert.deepEqual(kinds, kinds.toSorted());
  for (const says of Object.values(entryKinds)) assert.match(says, /^[A-Z].*\.$/);
});

test('a kind that is not known says its own name', () => {
  assert.equal(kindSentence('task.opened'), 'A task was opened.');
  assert.equal(kindSentence('moon.landed'), 'moon.landed');
  assert.equal(kindSentence('toString'), 'toString');
});
