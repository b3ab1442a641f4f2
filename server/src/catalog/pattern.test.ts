import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '@ambit/protocol';
import { readPattern } from './pattern.ts';
import { misfit, typedText } from './value-schema.ts';

test('patterns of real descriptions are tried', () => {
  for (const source of [
    '^[1-9][0-9]{3,7}$',
    '^sha256:[a-f0-9]{64}$',
    '^[UW][A-Z0-9]{8,}$|^$',
    '^\\d{10}\\.\\d{6}$',
    '^(A[A-Z0-9]{1,})?$',
    '^refs/(heads|tags|pull)/.*$',
    '^(?:[A-Za-z0-9+/]{4})*x$',
  ]) {
    assert.notEqual(readPattern(source), undefined, source);
  }
});

test('patterns that can take more than bounded time are not', () => {
  for (const source of [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    '(x+x+)+y',
    '^(a?){30}a{30}$',
    '(a)\\1',
    '(?=a)b',
    '^((a{1,9}){1,9}){1,9}$',
    `^${'(a|a)'.repeat(26)}$`,
    '^a*a*a*a*a*$',
    '([',
    'a'.repeat(600),
  ]) {
    assert.equal(readPattern(source), undefined, source);
  }
});

test('a value under a pattern that cannot be tried is refused rather than let through', () => {
  assert.match(misfit({ pattern: '^(a+)+$' }, 'a') ?? '', /cannot be tried in bounded time/);
  assert.match(misfit({ pattern: '.*.*x' }, 'x'.repeat(300)) ?? '', /longer than the 256 characters/);
});

test('bounded repetitions in sequence are tried on short texts only', () => {
  assert.equal(readPattern(`^${'a{0,500}'.repeat(4)}$`)?.lengthMax, 64);
  assert.equal(readPattern(`^${'a{0,500}'.repeat(5)}$`), undefined);
  assert.equal(readPattern('^a|.*.*x')?.lengthMax, 256, 'one anchored alternative anchors no other');
});

test('a text stands for the type that is declared, and for nothing else', () => {
  const value = (types: ('integer' | 'number' | 'boolean' | 'string')[], text: string) => {
    const typed = typedText({ types }, text);
    return 'value' in typed ? typed.value : typed.must;
  };
  assert.deepEqual(value(['integer'], '7'), parseJson('7'));
  assert.deepEqual(value(['number'], '7.50'), parseJson('7.50'));
  assert.equal(value(['string', 'integer'], '7'), '7');
  assert.equal(value(['boolean'], 'true'), true);
  for (const text of ['7.0', '1e3', '007', '-0', '+7', '0x7', ' 7', '', '1234567890123456', '٧'])
    assert.equal(value(['integer'], text), 'must be integer', text);
  assert.equal(value(['boolean'], 'TRUE'), 'must be boolean');
});

test('a number with a fraction is no integer, also where the fraction is nothing', () => {
  assert.equal(misfit({ types: ['integer'] }, parseJson('7.0')), 'must be integer');
  assert.equal(misfit({ types: ['number'] }, parseJson('7.0')), undefined);
});
