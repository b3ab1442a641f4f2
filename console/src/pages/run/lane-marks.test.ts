import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lane, RunLine, TaskId } from '@ambit/sdk/operator';
import { laneMarks } from './lane-marks.ts';

const task = (letter: string) => `tsk_${letter.repeat(20)}` as TaskId;
const [top, first, second] = [task('a'), task('b'), task('c')];
const line = (lane: TaskId): RunLine => ({ lane }) as RunLine;
const lane = (one: TaskId, parent: TaskId | null): Lane => ({ task: one, parent }) as Lane;
const lanes = [lane(top, null), lane(first, top), lane(second, top)];

test('a lane runs from its first line to its last, and comes out of the one above it', () => {
  const [before, begins, between, ends, after] = laneMarks([top, first, top, first, top].map(line), lanes);
  assert.deepEqual(
    before?.lanes.map(({ column }) => column),
    [0],
  );
  assert.equal(begins?.from, 0);
  assert.equal(begins?.own, 1);
  assert.deepEqual(between?.lanes, [
    { column: 0, begins: false, ends: false },
    { column: 1, begins: false, ends: false },
  ]);
  assert.equal(ends?.from, null);
  assert.equal(ends?.lanes[1]?.ends, true);
  assert.equal(after?.lanes.length, 1);
});

test('lanes that follow each other share a column, lanes at the same time do not', () => {
  const after = laneMarks([top, first, second, top].map(line), lanes);
  assert.deepEqual(
    after.map(({ own }) => own),
    [0, 1, 1, 0],
  );
  const beside = laneMarks([top, first, second, first, top].map(line), lanes);
  assert.deepEqual(
    beside.map(({ own }) => own),
    [0, 1, 2, 1, 0],
  );
});

test('lines that a filter left out leave no lane behind', () => {
  const marks = laneMarks([line(second)], lanes);
  assert.deepEqual(marks, [{ own: 0, lanes: [{ column: 0, begins: true, ends: true }], from: null }]);
});

test('what is taken back by hand afterwards has a column of its own, and comes out of nothing', () => {
  const marks = laneMarks([line(top), line(first)], [lane(top, null), lane(first, null)]);
  assert.deepEqual(
    marks.map(({ own, from }) => [own, from]),
    [
      [0, null],
      [1, null],
    ],
  );
});

test('what was handed on by a lane that is over already does not take its column', () => {
  const marks = laneMarks([top, first, second, top].map(line), [
    lane(top, null),
    lane(first, top),
    lane(second, first),
  ]);
  assert.deepEqual(
    marks.map(({ own, from }) => [own, from]),
    [
      [0, null],
      [1, 0],
      [2, 1],
      [0, null],
    ],
  );
});

test('a lane that is silent already goes on until what it handed on has come out of it', () => {
  const marks = laneMarks([top, first, top, second].map(line), [
    lane(top, null),
    lane(first, top),
    lane(second, first),
  ]);
  assert.deepEqual(
    marks.map(({ lanes: shown }) => shown.map(({ column, ends }) => `${column}${ends ? ' ends' : ''}`)),
    [['0'], ['0', '1'], ['0 ends', '1'], ['2 ends']],
  );
});
