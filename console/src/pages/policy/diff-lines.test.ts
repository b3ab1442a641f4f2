import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesOf } from './diff-lines.ts';
import { readVersions } from './read-versions.ts';

const text = (...lines: readonly string[]) => `${lines.join('\n')}\n`;
const many = Array.from({ length: 20 }, (_, at) => `line ${at + 1}`);

test('what was changed stands with three lines around it, and the rest is counted', () => {
  const after = many.with(9, 'another');
  const pieces = piecesOf(text(...many), text(...after)).map((one) =>
    one.is === 'left out' ? `${one.count} left out` : `${one.is} ${one.line} ${one.text}`,
  );
  assert.deepEqual(pieces, [
    '6 left out',
    'same 7 line 7',
    'same 8 line 8',
    'same 9 line 9',
    'removed 10 line 10',
    'added 10 another',
    'same 11 line 11',
    'same 12 line 12',
    'same 13 line 13',
    '7 left out',
  ]);
});

test('texts that are the same leave everything out', () => {
  assert.deepEqual(piecesOf(text(...many), text(...many)), [{ is: 'left out', count: 20, line: 1 }]);
});

test('an address names one version, or two; anything else names none', () => {
  assert.deepEqual(readVersions('3'), { from: null, to: 3 });
  assert.deepEqual(readVersions('2..3'), { from: 2, to: 3 });
  for (const wrong of ['', '..3', '2..', '2...3', '-1', '1e3', 'newest']) assert.equal(readVersions(wrong), null);
});
