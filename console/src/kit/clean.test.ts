import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean } from './clean.ts';

const boxes = (text: string) => clean(text).pieces.flatMap((piece) => (piece.is === 'box' ? [piece.codePoint] : []));

test('characters that nobody sees are named and counted', () => {
  const cleaned = clean('invoice_\u202efdp.exe\u200b');
  assert.deepEqual(cleaned.pieces, [
    { is: 'text', text: 'invoice_' },
    { is: 'box', codePoint: 'U+202E' },
    { is: 'text', text: 'fdp.exe' },
    { is: 'box', codePoint: 'U+200B' },
  ]);
  assert.deepEqual(cleaned.notes, ['2 invisible characters are shown. One of them turns text around.']);
  assert.deepEqual(clean('a\u202eb').notes, ['1 invisible character is shown. It turns text around.']);
  assert.deepEqual(clean('nothing odd').notes, []);
});

test('lines and tabs stay, and nothing else that controls', () => {
  assert.deepEqual(boxes('two lines\nand a\ttab\r\nstay'), []);
  assert.deepEqual(boxes('a\rb\u001b[31m\u2028'), ['U+000D', 'U+001B', 'U+2028']);
});

test('emoji are asked for in their form as text, and digits stay digits', () => {
  assert.deepEqual(clean('✔ 12').pieces, [{ is: 'text', text: '✔\ufe0e 12' }]);
});

test('a letter of another script in a word is marked where it stands', () => {
  const { pieces, notes } = clean('D\u0430na Ruiz');
  assert.deepEqual(pieces[1], { is: 'odd', text: '\u0430', says: 'letter 2 is Cyrillic, U+0430' });
  assert.deepEqual(notes, ['A word mixes scripts: letter 2 is Cyrillic, U+0430.']);
  assert.deepEqual(clean('Дана Руис').notes, []);
});

test('only text that begins right-to-left runs that way', () => {
  assert.equal(clean('שלום world').isRightToLeft, true);
  assert.equal(clean('world שלום').isRightToLeft, false);
});
