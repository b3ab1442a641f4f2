import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '@ambit/protocol';
import { refuse } from './errors.ts';

test('a refusal that quotes half a character can still be recorded', () => {
  const cut = `a[${'b'.repeat(57)}😀`.slice(0, 60);
  const refusal = refuse('catalog.no_match', `${cut} has brackets`, cut);
  assert.ok(refusal.because.isWellFormed() && refusal.says.isWellFormed());
  assert.match(canonicalJson({ because: refusal.because, says: refusal.says }), /\ufffd/);
});

test('a refusal of which more is said where it passes by still tells where it was made', () => {
  const made = refuse('catalog.no_match', 'nothing matched');
  const passed = (() => made.with({ values: { path: '/orders' } }))();
  assert.equal(passed.stack, made.stack);
  assert.deepEqual(passed.values, { path: '/orders' });
});
