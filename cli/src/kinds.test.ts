import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliFault } from './exit.ts';
import { decimal, duration, idOf, many, may, moment, need, pair, readValue, whether, words } from './kinds.ts';

const now = Date.parse('2027-01-01T00:00:00Z');
const usage = (error: unknown) => error instanceof CliFault && error.exit === 'usage';

test('durations have a unit', () => {
  assert.equal(duration.read('90s', now), 90);
  assert.equal(duration.read('15m', now), 900);
  assert.equal(duration.read('4w', now), 2_419_200);
  for (const text of ['', '90', '0s', '-1h', '1.5h', '1 h', '1y', '1h30m', '99999999999s']) {
    assert.equal(duration.read(text, now), undefined, text);
  }
});

test('a moment is a date, an instant with its offset, or a duration from now', () => {
  assert.equal(moment.read('2027-06-30', now), Date.parse('2027-06-30T00:00:00Z'));
  assert.equal(moment.read('2027-06-30T12:00:00+02:00', now), Date.parse('2027-06-30T10:00:00Z'));
  assert.equal(moment.read('90d', now), now + 90 * 86_400_000);
  for (const text of ['tomorrow', '2027-13-01', '2027-06-30T12:00:00', '06/30/2027', '1']) {
    assert.equal(moment.read(text, now), undefined, text);
  }
});

test('an id of another kind is refused', () => {
  const id = 'tsk_0123456789abcdefghjk';
  assert.equal(idOf('task').read(id, now), id);
  assert.equal(idOf('agent').read(id, now), undefined);
  assert.equal(idOf('task').read('../v1/persons', now), undefined);
});

test('a pair is split at its first sign', () => {
  assert.deepEqual(pair.read('a=b=c', now), ['a', 'b=c']);
  assert.equal(pair.read('=b', now), undefined);
  assert.equal(pair.read('a', now), undefined);
});

test('money is a decimal, never a float', () => {
  assert.equal(decimal.read('250.00', now), '250.00');
  for (const text of ['2.5e2', '-1', '1,000', '.5', '٣']) assert.equal(decimal.read(text, now), undefined, text);
});

test('what must be given once is refused where it is missing or given twice', () => {
  assert.equal(need(words, '').read(['a'], '--name', now), 'a');
  assert.throws(() => need(words, '').read([], '--name', now), usage);
  assert.throws(() => need(words, '').read(['a', 'b'], '--name', now), usage);
  assert.equal(may(words, '').read([], '--name', now), undefined);
  assert.throws(() => may(words, '').read(['a', 'b'], '--name', now), usage);
  assert.deepEqual(many(words, '').read(['a', 'b'], '--name', now), ['a', 'b']);
  assert.equal(whether('').read([], '--name', now), false);
});

test('a value that is none says what was expected, cleaned', () => {
  assert.throws(() => readValue(duration, '\u001b[2J', '--ttl', now), {
    message: '--ttl: expected a duration such as 15m, 8h or 30d, got "[U+001B][2J".',
  });
});
