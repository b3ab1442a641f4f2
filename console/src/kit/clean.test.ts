import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean, cleanText, fitsSentence } from './clean.ts';

const boxes = (text: string) => clean(text).pieces.flatMap((piece) => (piece.is === 'box' ? [piece.code] : []));

test('characters that nobody sees are named and counted', () => {
  const cleaned = clean('invoice_\u202efdp.exe\u200b');
  assert.deepEqual(cleaned.pieces, [
    { is: 'text', text: 'invoice_' },
    { is: 'box', code: 'U+202E' },
    { is: 'text', text: 'fdp.exe' },
    { is: 'box', code: 'U+200B' },
  ]);
  assert.deepEqual(cleaned.notes, ['2 invisible characters are shown. One of them turns text around.']);
  assert.equal(cleanText('a\u202eb'), 'a[U+202E]b');
});

test('no bidi mark, tag, filler, control or separator comes through', () => {
  const bad = [
    '\u0000',
    '\u001b',
    '\u007f',
    '\u00ad',
    '\u061c',
    '\u200d',
    '\u2028',
    '\u2029',
    '\u2066',
    '\u3164',
    '\ufeff',
    '\ufe0f',
    '\u{e0041}',
    '\u{e0101}',
    '\u00a0',
    '\u2003',
    '\ue000',
    '\ud800',
  ];
  for (const one of bad) assert.equal(boxes(`a${one}b`).length, 1, `U+${one.codePointAt(0)?.toString(16)}`);
  assert.deepEqual(boxes('two lines\nand a\ttab\r\nstay'), []);
});

test('marks that crowd a letter are shown as code points', () => {
  assert.deepEqual(boxes('e\u0301\u0302'), []);
  assert.deepEqual(boxes('e\u0301\u0302\u0303\u0304'), ['U+0303', 'U+0304']);
});

test('a letter of another script in a word is marked where it stands', () => {
  const { pieces, notes } = clean('D\u0430na Ruiz');
  assert.deepEqual(pieces[1], { is: 'odd', text: '\u0430', says: 'letter 2 is Cyrillic, U+0430' });
  assert.deepEqual(notes, ['A word mixes scripts: letter 2 is Cyrillic, U+0430.']);
  assert.deepEqual(clean('Дана Руис').notes, []);
});

test('text keeps its direction, and only right-to-left text runs that way', () => {
  assert.equal(clean('שלום world').isRightToLeft, true);
  assert.equal(clean('world שלום').isRightToLeft, false);
});

test('a name stands in a sentence of ours only where it cannot go on with it', () => {
  for (const name of ['Dana Ruiz', "O'Brien-Smith", 'J. R. Tolkien', 'Дана Руис', 'refund-bot'])
    assert.equal(fitsSentence(name), true, name);
  for (const name of [
    'Dana Ruiz for order 7. Approved',
    'Dana\nRuiz',
    'D\u0430na',
    'x'.repeat(41),
    '',
    ' ',
    '<b>Dana</b>',
    'Dana\u202e',
    'Dana, Bob',
  ])
    assert.equal(fitsSentence(name), false, JSON.stringify(name));
});
