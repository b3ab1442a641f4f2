import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { createDigests } from './digests.ts';
import { type Once, onceTables, openOnce } from './sqlite-once.ts';

const minute = 60_000;
const place = { tenant: 't', name: 'used', kind: 'proof' };
const named = (text: string) => ({ ...place, digest: hash('sha256', text, 'base64url') });

function opened() {
  const file = new Sqlite(':memory:');
  file.exec(onceTables);
  const rows = () => file.prepare('SELECT count(*) FROM used_once').pluck().get() as number;
  return { file, rows, once: openOnce(file) };
}

/** One commit of the writer: what is used in it, one after the other, and whether each was new. */
function commit(once: Once, texts: readonly string[], until = 10 * minute, now = 0): boolean[] {
  once.forget(now);
  const news = texts.map((text) => once.use({ ...named(text), until }) !== undefined);
  once.flush();
  once.keep();
  return news;
}

test('all that a commit uses is one row for each minute in which it ends, and is there when the store is opened again', () => {
  const { file, rows, once } = opened();
  assert.deepEqual(commit(once, ['a', 'b', 'a', 'c']), [true, true, false, true]);
  assert.equal(rows(), 1);
  once.use({ ...named('early'), until: 2 * minute });
  once.use({ ...named('late'), until: 3 * minute });
  once.use({ ...named('as late'), until: 2 * minute + 1 });
  once.flush();
  once.keep();
  assert.equal(rows(), 3);
  const again = openOnce(file);
  for (const text of ['a', 'b', 'c', 'early', 'late', 'as late']) {
    assert.ok(again.has(named(text)), text);
    assert.equal(again.use({ ...named(text), until: minute }), undefined, text);
  }
  assert.deepEqual(commit(again, ['d', 'a']), [true, false]);
  assert.equal(rows(), 4);
});

test('replay: it is forgotten when it is over and not before, whatever lies between in the order of commits', () => {
  const { file, rows, once } = opened();
  commit(once, ['long'], 60 * minute);
  for (let i = 0; i < 200; i++) commit(once, [`short ${i}`], 5 * minute - 1);
  commit(once, [], 0, 5 * minute);
  assert.ok(once.has(named('short 0')), 'the minute in which it ends is not over');
  assert.deepEqual(commit(once, ['short 7', 'long'], 60 * minute, 5 * minute + 1), [true, false]);
  assert.equal(rows(), 202 - 64, 'a part of what is over goes with each commit');
  for (let i = 0; i < 4; i++) commit(once, [], 0, 5 * minute + 1);
  assert.equal(rows(), 2);
  const again = openOnce(file);
  assert.deepEqual(
    [again.has(named('long')), again.has(named('short 7')), again.has(named('short 8'))],
    [true, true, false],
  );
});

test('what is over but still lies in the store when it is opened is forgotten with the first commit', () => {
  const { file, once } = opened();
  commit(once, ['a'], minute);
  const again = openOnce(file);
  assert.ok(again.has(named('a')));
  assert.deepEqual(commit(again, ['a'], 9 * minute, minute + 1), [true]);
});

test('a commit that is undone gives everything back, and removes nothing that is over', () => {
  const { file, rows, once } = opened();
  commit(once, ['old'], minute);
  once.forget(2 * minute);
  file.exec('BEGIN');
  once.use({ ...named('a'), until: 9 * minute });
  once.flush();
  once.undoAll();
  file.exec('ROLLBACK');
  assert.equal(rows(), 1);
  assert.equal(once.has(named('a')), false);
  assert.deepEqual(commit(once, ['a'], 9 * minute, 2 * minute), [true]);
  assert.equal(rows(), 1);
  assert.deepEqual([openOnce(file).has(named('a')), openOnce(file).has(named('old'))], [true, false]);
});

test('flood: nothing is forgotten early to make room: what cannot be remembered is refused until the oldest are over', () => {
  const { file } = opened();
  const once = openOnce(file, { heldMax: 3 });
  commit(once, ['a', 'b'], minute);
  commit(once, ['c'], 2 * minute);
  assert.throws(() => once.use({ ...named('d'), until: 9 * minute }), /3 things that count once are held/);
  assert.equal(once.use({ ...named('a'), until: minute }), undefined, 'a replay is told as one');
  const full = openOnce(file, { heldMax: 3 });
  assert.throws(() => full.use({ ...named('d'), until: 9 * minute }), /are held/);
  assert.deepEqual(commit(full, ['d', 'e', 'c'], 9 * minute, minute + 1), [true, true, false]);
  assert.throws(() => full.use({ ...named('f'), until: 9 * minute }), /are held/);
});

test('replay: what is durable counts where there is no memory to hold it by, also after a later commit was undone', () => {
  const { file } = opened();
  let isShort = false;
  const digestsOf = () => {
    const digests = createDigests();
    const add: typeof digests.add = (...all) => {
      if (isShort) throw new RangeError('Array buffer allocation failed');
      digests.add(...all);
    };
    return {
      ...digests,
      add,
      get size() {
        return digests.size;
      },
    };
  };
  const once = openOnce(file, { heldMax: 4, digestsOf });
  isShort = true;
  assert.deepEqual(commit(once, ['a', 'b'], minute), [true, true]);
  file.exec('BEGIN');
  once.use({ ...named('c'), until: minute });
  once.flush();
  once.undoAll();
  file.exec('ROLLBACK');
  assert.deepEqual(commit(once, ['a', 'b', 'c'], minute), [false, false, true]);
  isShort = false;
  assert.deepEqual(commit(once, ['c', 'd'], 3 * minute), [false, true]);
  assert.throws(() => once.use({ ...named('e'), until: minute }), /4 things that count once are held/);
  assert.deepEqual(commit(once, ['a', 'd'], 3 * minute, 2 * minute), [true, false]);
  assert.deepEqual(
    ['a', 'b', 'd'].map((text) => openOnce(file).has(named(text))),
    [true, false, true],
  );
});

test('what is named by no digest counts for nothing and is refused', () => {
  const { once } = opened();
  for (const digest of ['', 'short', `${'A'.repeat(42)}!`, 'A'.repeat(44)])
    assert.throws(() => once.use({ ...place, digest, until: 1 }), /SHA-256/);
});
