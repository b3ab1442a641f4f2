import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasDotSegment, isPlainPath } from './path.ts';

test('a dot segment is seen in every dress', () => {
  for (const text of [
    ...['..', '.', '/a/../b', '/a/.', 'a/ ../b', 'a/.. /b', 'a/...', 'a\\..\\b', 'a/..;v=1/b', 'a/．．/b'],
    ...['a/%2e%2E/b', 'a/%252e/b', 'a/%25252e/b', 'a/%2525252e%2e/b', 'a%2f..%2fb', 'a%2F..', 'a%5c..%5cb', 'a%255C..'],
  ])
    assert.ok(hasDotSegment(text), text);
});

test('dots that are part of a name are none', () => {
  for (const text of ['file.', 'a./b', '.hidden', '..x', 'a..b', '/a/b.c/', 'a;..', '', '/'])
    assert.ok(!hasDotSegment(text), text);
});

test('a plain path has no empty segment inside', () => {
  for (const text of ['/', '/a', '/a/', 'a', 'a/b']) assert.ok(isPlainPath(text), text);
  for (const text of ['//', '///', '//a', 'a//b', '/a//', 'a%2fb', 'a%5Cb', 'a%00', 'a\\b', 'a\u0000', 'a／／b']) {
    assert.ok(!isPlainPath(text), text);
  }
});
