import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWanted, readArguments, requireKnown } from './arguments.ts';
import { withRows } from './document.ts';
import { readAnswer } from './http-load.ts';
import { inpOf, longestOf } from './inp.ts';
import { summarise, timeGoes } from './profile.ts';
import { brokenRow, rowLine, rowOf, table, whyLine } from './row.ts';
import { median, percentile, rounded } from './statistics.ts';

test('a median is the middle one, or the mean of two', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]));
});

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(values, 0.5), 50);
  assert.equal(percentile(values, 0.99), 99);
  assert.equal(percentile([7], 0.99), 7);
  assert.throws(() => percentile([], 0.5));
});

test('figures are shown as far as they count', () => {
  assert.deepEqual([rounded(0.123456), rounded(98.7654), rounded(12345.6)], [0.123, 98.8, 12350]);
});

const share = { of: 'ratio', side: 'at least', bound: 0.75, asks: '≥ 75 %' } as const;

test('a row has everything that a reader of JSON is promised', () => {
  const row = rowOf({ name: 'a', unit: 'calls/s', ours: 80, beside: { bare: 100, other: 10 }, aim: share });
  assert.deepEqual(
    { ...row },
    {
      ...{ name: 'a', unit: 'calls/s', ours: 80, beside: { bare: 100, other: 10 }, ratio: 0.8, aim: 0.75, met: true },
      ...{ asks: '≥ 75 %', leftOut: [], detail: {} },
    },
  );
  assert.deepEqual(JSON.parse(JSON.stringify(row)), row);
});

test('an aim is judged by what it is about, and before anything is rounded', () => {
  const met = (ours: number, bare: number, aim: Parameters<typeof rowOf>[0]['aim']) =>
    rowOf({ name: 'a', unit: 'ms', ours, beside: { bare }, ...(aim && { aim }) }).met;
  assert.equal(met(74.99, 100, share), false);
  assert.equal(met(75, 100, share), true);
  const added = { of: 'added', side: 'at most', bound: 1, asks: '≤ 1 ms more' } as const;
  assert.deepEqual([met(3, 2, added), met(3.01, 2, added)], [true, false]);
  const ours = { of: 'ours', side: 'at most', bound: 5, asks: '≤ 5 ms' } as const;
  assert.deepEqual([met(5, 1, ours), met(6, 100, ours)], [true, false]);
});

test('what was not measured meets no aim, and no aim is met by anything', () => {
  const nothing = { name: 'a', unit: 'calls/s', ours: Number.NaN };
  assert.equal(rowOf({ ...nothing, beside: { bare: 1 }, aim: share }).met, false);
  assert.equal(rowOf({ ...nothing, ours: 5, aim: share }).met, false, 'without the peer that it asks for');
  assert.deepEqual([rowOf(nothing).met, rowOf(nothing).aim, rowOf(nothing).ratio], [true, null, null]);
});

test('people read the same rows, and what was left out', () => {
  const rows = [
    rowOf({ name: 'fast', unit: 'calls/s', ours: 10, beside: { bare: 100 }, aim: share, leftOut: ['the long round'] }),
    rowOf({ name: 'said', unit: 'ms', ours: 1 }),
  ];
  const text = table(rows);
  assert.match(text, /^fast +calls\/s +10 +bare 100 +0\.1 +≥ 75 % +NO$/m);
  assert.match(text, /^said +ms +1 +– +– +– +–$/m);
  assert.match(text, /^fast left out: the long round$/m);
  assert.equal(rowLine(rows[0]!), '| fast | calls/s | 10 | bare 100 | 0.1 | ≥ 75 % | no | the long round |');
});

test('a document keeps the rows that were not measured again, and all that is around them', () => {
  const place = '<!-- figures: written by `npm run bench -- --write` -->\n\n<!-- /figures -->';
  const row = (name: string, ours: number) => rowOf({ name, unit: 'ms', ours });
  const names = ['first', 'second'];
  const once = withRows(`# Speed\n\n${place}\n\nMore.\n`, [row('second', 2), row('gone', 3)], names, 'A machine.');
  const twice = withRows(once, [row('first', 1)], names, 'Another machine.');
  assert.match(twice, /^# Speed\n\n<!-- figures[^>]+-->\n\nAnother machine\.\n\n\| measured/);
  assert.match(twice, /\| first \| ms \| 1 \|[^\n]*\n\| second \| ms \| 2 \|[^\n]*\n\n<!-- \/figures -->\n\nMore\.\n$/);
  assert.throws(() => withRows('# Speed', [], names, 'A machine.'), /no place for figures/);
});

test('a measurement that broke meets nothing, and says why', () => {
  const row = brokenRow('decide-10', 'the peer did not start');
  assert.deepEqual([row.met, row.leftOut], [false, ['everything: the peer did not start']]);
  assert.equal(JSON.parse(JSON.stringify(row)).ours, null);
  assert.match(table([row]), /^decide-10 .*NO$/m);
});

test('a row that misses its aim says where the time goes, until it meets it', () => {
  const names = ['fast'];
  const place = '<!-- figures: written by `npm run bench -- --write` -->\n\n<!-- /figures -->\n';
  const shares = { onBehalfOf: ['60.0 % a.ts', '40.0 % b.ts'], self: [], functions: [] };
  const missed = { ...rowOf({ name: 'fast', unit: 'ms', ours: 1, beside: { bare: 2 }, aim: share }), met: false };
  const why = { ...missed, whereTimeGoes: { ambit: shares } };
  assert.equal(whyLine(why), 'fast, ambit: 60.0 % a.ts, 40.0 % b.ts');
  assert.match(table([why]), /^fast, ambit: 60\.0 % a\.ts/m);
  const written = withRows(place, [why], names, 'A machine.');
  assert.match(written, /^- `fast`, ambit: 60\.0 % a\.ts, 40\.0 % b\.ts$/m);
  assert.match(withRows(written, [], names, 'A machine.'), /^- `fast`, ambit/m);
  assert.doesNotMatch(withRows(written, [{ ...why, met: true }], names, 'A machine.'), /^- `fast`/m);
});

test('arguments say what to measure', () => {
  assert.deepEqual(readArguments([]), {
    ...{ json: false, write: false, quick: false, list: false, profile: false, only: null },
  });
  const wished = readArguments(['--json', '--quick', '--only', 'decide-10,audit', '--only', 'gateway']);
  assert.deepEqual(wished.only, ['decide-10', 'audit', 'gateway']);
  const profiled = readArguments(['--profile', 'gateway-throughput']);
  assert.deepEqual([profiled.profile, profiled.only], [true, ['gateway-throughput']]);
  for (const wrong of [['--fast'], ['gateway'], ['--only', ','], ['--only', '']])
    assert.throws(() => readArguments(wrong), Error, wrong.join(' '));
});

test('a name stands for its row, or for all that begin with it', () => {
  assert.ok(isWanted('decide-10', null) && isWanted('decide-10', ['decide']) && isWanted('decide-10', ['decide-10']));
  assert.ok(!isWanted('decide-100', ['decide-10']) && !isWanted('decider', ['decide']));
  requireKnown(['decide'], ['decide-10', 'audit-1']);
  assert.throws(() => requireKnown(['decide', 'audti'], ['decide-10', 'audit-1']), /audti.*decide-10, audit-1/);
});

test('an answer is whole when its length has come, or its last chunk', () => {
  const of = (text: string) => readAnswer(Buffer.from(text));
  assert.equal(of('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc'), undefined);
  assert.equal(of('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd'), '200');
  assert.equal(of('HTTP/1.1 503 X\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n'), undefined);
  assert.equal(of('HTTP/1.1 503 X\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'), '503');
  assert.equal(of('HTTP/1.1 204 No Content\r\n\r\n'), '204');
  assert.equal(of('HTTP/1.1 200 OK\r\n'), undefined);
});

test('a profile says whose code ran, and on whose behalf', () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 });
  const { busyUs, self, onBehalfOf } = summarise(
    {
      nodes: [
        { id: 1, callFrame: frame('(root)', ''), children: [2, 5] },
        { id: 2, callFrame: frame('decide', 'file:///house/server/src/policy/decide.ts'), children: [3] },
        { id: 3, callFrame: frame('parse', 'file:///house/node_modules/@a/b/x.js'), children: [4] },
        { id: 4, callFrame: frame('run', '') },
        { id: 5, callFrame: frame('(idle)', '') },
      ],
      samples: [2, 3, 4, 5],
      timeDeltas: [100, 200, 100, 5000],
    },
    'file:///house/',
  );
  assert.equal(busyUs, 400);
  assert.deepEqual(self, [
    { where: '@a/b', share: 0.5 },
    { where: 'server/src/policy/decide.ts', share: 0.25 },
    { where: '(native)', share: 0.25 },
  ]);
  assert.deepEqual(onBehalfOf, [{ where: 'server/src/policy/decide.ts', share: 1 }]);
  const short = timeGoes({ busyUs, self, onBehalfOf, functions: [] });
  assert.deepEqual(short.onBehalfOf, ['100.0 % server/src/policy/decide.ts']);
});

test('an interaction takes as long as its longest event, and of fifty the longest is left out', () => {
  const events = [
    { id: 1, ms: 24, event: 'keydown' },
    { id: 1, ms: 40, event: 'keyup' },
    { id: 2, ms: 200, event: 'click' },
  ];
  const heard = longestOf(events);
  assert.deepEqual(heard, [
    { ms: 40, event: 'keyup' },
    { ms: 200, event: 'click' },
  ]);
  assert.deepEqual([inpOf(heard, 49), inpOf(heard, 50), inpOf(heard, 5000)], [200, 40, 40]);
  assert.throws(() => inpOf([], 30), /nothing was heard/);
});
