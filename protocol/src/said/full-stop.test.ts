import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatId } from '../ids.ts';
import { fullStop } from './full-stop.ts';

const reason = (value: string) => [{ text: 'It may not: ' }, { value, kind: 'reason', source: 'policy' }] as const;

test('a sentence that was taken over ends with one full stop, whether or not it brings one', () => {
  for (const whole of ['The books are closed.', 'Why?', 'No!', 'And so on…', 'It said “no.”'])
    assert.equal(fullStop(reason(whole)), '', whole);
  for (const open of ['the books are closed', '3.50 USD', '']) assert.equal(fullStop(reason(open)), '.', open);
  assert.equal(fullStop([{ text: 'Done.' }]), '');
  assert.equal(fullStop([{ agent: formatId('agent', new Uint8Array(13)), name: 'Dr.' }]), '.');
  assert.equal(fullStop([]), '.');
});
