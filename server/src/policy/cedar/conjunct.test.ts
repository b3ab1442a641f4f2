import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from './conjunct.ts';
import type { Json } from './json.ts';

test('two syntax trees share their text only where they are the same', () => {
  const trees: Json[] = [
    ...[null, 'null', true, 'true', false, 5, '5', 5n ** 30n, '', '"', 'a', 'a,b'],
    ...[[], {}, [null], ['null'], ['a', 'b'], ['a,b'], ['a', 'b,c'], ['a,b', 'c'], [['a'], 'b'], [['a', 'b']]],
    ...[
      { a: 'b' },
      { b: 'a' },
      { a: ['b'] },
      { a: {}, b: [] },
      { a: { b: [] } },
      [[], []],
      [[[]]],
      'list 0',
      'object 0',
    ],
  ];
  assert.equal(new Set(trees.map(textOf)).size, trees.length);
  for (const tree of trees) assert.equal(textOf(structuredClone(tree)), textOf(tree));
});
