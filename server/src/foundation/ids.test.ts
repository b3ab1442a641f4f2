import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseId } from '@ambit/protocol';
import { randomId } from './ids.ts';

test('an id says what it is, reads back as that kind alone, and is never the same twice', () => {
  const ids = Array.from({ length: 10_000 }, () => randomId('task'));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids.slice(0, 100)) {
    assert.match(id, /^tsk_[0-9a-z]{21}$|^tsk_[0-9a-z]{20}$/);
    assert.equal(parseId('task', id), id);
    assert.equal(parseId('agent', id), undefined);
  }
});

test('no place of an id is the same in all of them: 104 bits are drawn, not counted', () => {
  const ids = Array.from({ length: 500 }, () => randomId('agent').slice('agt_'.length));
  const length = ids[0]!.length;
  for (let place = 0; place < length; place++) {
    const seen = new Set(ids.map((id) => id[place]));
    assert.ok(seen.size > (place === length - 1 ? 1 : 8), `place ${place} has ${seen.size} letters`);
  }
});

test('entries that are made together have ids that lie together, and 64 bits of each are drawn', () => {
  const ids = Array.from({ length: 500 }, () => randomId('entry'));
  assert.ok(ids.every((id) => parseId('entry', id) === id));
  // Where the count begins anew, once in 2^40, they lie in two places.
  const falls = ids.filter((id, i) => i > 0 && id < ids[i - 1]!).length;
  assert.ok(falls <= 1, `${falls} of them lie before the one that was made before`);
  const drawn = ids.map((id) => id.slice(-12));
  assert.equal(new Set(drawn).size, ids.length);
  for (let place = 0; place < 11; place++) {
    const seen = new Set(drawn.map((text) => text[place]));
    assert.ok(seen.size > 8, `place ${place} from there has ${seen.size} letters`);
  }
});

test('tokens and tasks that are made together lie together, and do not tell how many there are', async () => {
  for (const kind of ['token', 'task'] as const) {
    const first = randomId(kind);
    const many = Array.from({ length: 2000 }, () => randomId(kind));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const later = randomId(kind);
    // The first 36 of their 100 bits are milliseconds: they differ by what has passed, and not by what was made.
    const place = (id: string) => Math.floor(Number.parseInt([...id.slice(4, 12)].map(digit).join(''), 32) / 16);
    const passed = (place(later) - place(first) + 2 ** 36) % 2 ** 36;
    assert.ok(passed >= 4 && passed < 1000, `${passed} ms`);
    assert.ok(many.every((id) => parseId(kind, id) === id));
    assert.equal(new Set(many.map((id) => id.slice(-12))).size, many.length);
  }
});

const digit = (letter: string) => '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(letter).toString(32);
