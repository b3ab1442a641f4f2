import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeptChains } from './kept-chains.ts';

const chainOf = (...bytes: number[]) => bytes.map((length) => ({ raw: new Uint8Array(length) }));

test('what is kept is bounded by its bytes, and the oldest goes first', () => {
  const kept = createKeptChains({ chainBytesMax: 4000, bytesMax: 9000 });
  for (const name of ['one', 'two', 'three']) kept.put(name, chainOf(1000, 1000));
  assert.deepEqual(kept.get('one'), chainOf(1000, 1000));
  kept.put('four', chainOf(500));
  assert.equal(kept.get('one'), undefined);
  for (const name of ['two', 'three', 'four']) assert.ok(kept.get(name), name);
});

test('a stranger’s long chain is not kept, and pushes out nobody else’s', () => {
  const kept = createKeptChains({ chainBytesMax: 4000, bytesMax: 9000 });
  kept.put('agent', chainOf(1000, 1000));
  for (let i = 0; i < 100; i++) kept.put(`stranger ${i}`, chainOf(3000, 3000));
  assert.deepEqual(kept.get('agent'), chainOf(1000, 1000));
  assert.equal(kept.get('stranger 99'), undefined);
});

test('a certificate that comes again counts once', () => {
  const kept = createKeptChains({ chainBytesMax: 4000, bytesMax: 9000 });
  kept.put('other', chainOf(1000, 1000));
  for (let i = 0; i < 100; i++) kept.put('agent', chainOf(1000, 1000));
  assert.ok(kept.get('other'));
});
