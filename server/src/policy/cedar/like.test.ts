import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileLike, type PatternPiece } from './like.ts';

const matcher = (pattern: string) =>
  compileLike([...pattern].map((letter): PatternPiece => (letter === '*' ? { wildcard: true } : { literal: letter })));

const cases: Record<string, { readonly in: readonly string[]; readonly out: readonly string[] }> = {
  '': { in: [''], out: ['a'] },
  ab: { in: ['ab'], out: ['', 'a', 'abc', 'xab'] },
  '*': { in: ['', 'a', 'line\nbreak'], out: [] },
  'a*': { in: ['a', 'ab'], out: ['', 'ba'] },
  '*a': { in: ['a', 'ba'], out: ['ab'] },
  'a*a': { in: ['aa', 'aba'], out: ['a', 'ab'] },
  'a*a*a': { in: ['aaa', 'ababa'], out: ['aa', 'aba', 'aab'] },
  'a*b*b': { in: ['abb', 'acbcb'], out: ['ab', 'acb'] },
  '*ab*ba*': { in: ['abba', 'xabxbax'], out: ['aba', 'ba ab'] },
  'a**b': { in: ['ab', 'axb'], out: ['a'] },
};

for (const [pattern, { in: within, out }] of Object.entries(cases)) {
  test(`"${pattern}" is like exactly what its stars leave open`, () => {
    for (const text of within) assert.ok(matcher(pattern)(text), text);
    for (const text of out) assert.ok(!matcher(pattern)(text), text);
  });
}
