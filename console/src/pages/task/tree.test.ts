import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeOf, withBelow } from './tree.ts';

const task = (id: string, parent: string | null) => ({ id, parent }) as never;
const run = [task('a', null), task('b', 'a'), task('c', 'b'), task('d', 'a'), task('lost', 'elsewhere')];

test('tasks stand inside the one that handed on, and none is left out', () => {
  const flat = (branches: ReturnType<typeof treeOf>): unknown =>
    branches.map((one) => [one.task.id, ...(flat(one.below) as unknown[])]);
  assert.deepEqual(flat(treeOf(run)), [['a', ['b', ['c']], ['d']], ['lost']]);
});

test('what ends with a task is everything below it', () => {
  assert.deepEqual(
    withBelow(run, 'b' as never).map(({ id }) => id),
    ['b', 'c'],
  );
});
