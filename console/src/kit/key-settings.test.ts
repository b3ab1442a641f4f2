import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meantBy, pressedFor } from './key-settings.ts';

test('a key that was moved works at its new place, and no more at its old one', () => {
  const settings = { isOff: false, instead: { j: 'n' } };
  assert.equal(meantBy('n', settings), 'j');
  assert.equal(meantBy('shift+n', settings), 'shift+j');
  assert.equal(meantBy('j', settings), null);
  assert.equal(meantBy('k', settings), 'k');
  assert.equal(pressedFor('j', settings), 'n');
});

test('single keys that are off mean nothing; named keys and those with another key go on', () => {
  const settings = { isOff: true, instead: {} };
  assert.equal(meantBy('a', settings), null);
  assert.equal(meantBy('shift+a', settings), null);
  assert.equal(meantBy('escape', settings), 'escape');
  assert.equal(meantBy('mod+k', settings), 'mod+k');
});

test('two keys may change places', () => {
  const settings = { isOff: false, instead: { j: 'k', k: 'j' } };
  assert.equal(meantBy('j', settings), 'k');
  assert.equal(meantBy('k', settings), 'j');
  assert.equal(pressedFor('g i', settings), 'g i');
});
