import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handClock } from '../../foundation/database/testing.ts';
import { createCodePace } from './code-pace.ts';

const fails = async () => {
  throw new Error('it is none');
};
const busy = { code: 'sign_in.busy' };

test('codes that are none are asked about sixty times, then once a second', async () => {
  const clock = handClock();
  const pace = createCodePace(clock);
  for (let i = 0; i < 60; i++) await assert.rejects(pace.ask('one', fails), /it is none/);
  await assert.rejects(pace.ask('one', fails), { ...busy, headers: { 'retry-after': '1' } });
  await assert.rejects(
    pace.ask('one', async () => 'good'),
    busy,
    'nobody can tell before it is asked',
  );
  clock.advance(999);
  await assert.rejects(pace.ask('one', fails), busy);
  clock.advance(1);
  await assert.rejects(pace.ask('one', fails), /it is none/);
  await assert.rejects(pace.ask('one', fails), busy);
  clock.advance(3_600_000);
  for (let i = 0; i < 60; i++) await assert.rejects(pace.ask('one', fails), /it is none/);
  await assert.rejects(pace.ask('one', fails), busy);
});

test('those that open a session take nothing, and one provider takes nothing of another', async () => {
  const pace = createCodePace(handClock());
  for (let i = 0; i < 200; i++) assert.equal(await pace.ask('one', async () => i), i);
  for (let i = 0; i < 60; i++) await assert.rejects(pace.ask('one', fails), /it is none/);
  assert.equal(await pace.ask('other', async () => 'good'), 'good');
});

test('no more than sixty are on their way at once, however slow the provider is', async () => {
  const pace = createCodePace(handClock());
  const slow = Promise.withResolvers<string>();
  const waiting = Array.from({ length: 60 }, () => pace.ask('one', () => slow.promise));
  await assert.rejects(pace.ask('one', fails), busy);
  slow.resolve('good');
  await Promise.all(waiting);
  assert.equal(await pace.ask('one', async () => 'good'), 'good');
});
