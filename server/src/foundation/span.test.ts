import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Span, span } from './span.ts';

const spans = channel('ambit:span');
let heard: Span[] = [];
const hear = (message: unknown) => {
  heard.push(message as Span);
};

describe('a span', () => {
  beforeEach(() => {
    heard = [];
    spans.subscribe(hear);
  });
  afterEach(() => {
    spans.unsubscribe(hear);
  });
  const named = (name: string) => heard.find((one) => one.name === name)!;

  test('is told when its verb ends, with what the verb answered passed on', async () => {
    assert.equal(
      span('a/one', () => 7),
      7,
    );
    assert.equal(await span('a/two', async () => 8), 8);
    await sleep(0);
    assert.deepEqual(
      heard.map(({ name, failed }) => [name, failed]),
      [
        ['a/one', false],
        ['a/two', false],
      ],
    );
  });

  test('tells a failure, thrown or rejected, and hands on the very error', async () => {
    const error = new TypeError('x');
    assert.throws(
      () =>
        span('a/thrown', () => {
          throw error;
        }),
      (caught) => caught === error,
    );
    await assert.rejects(
      span('a/rejected', () => Promise.reject(error)),
      (caught) => caught === error,
    );
    await sleep(0);
    assert.deepEqual([named('a/thrown').failed, named('a/rejected').failed], [true, true]);
  });

  test('belongs to the trail of the call it is part of, in the order in which verbs began', async () => {
    await span('g/story', async () => {
      await span('g/first', () => sleep(2));
      await Promise.all([span('g/second', () => sleep(4)), span('g/third', () => sleep(1))]);
    });
    await sleep(0);
    assert.equal(new Set(heard.map(({ trail }) => trail)).size, 1);
    const order = [...heard].sort((a, b) => a.order - b.order).map(({ name }) => name);
    assert.deepEqual(order, ['g/story', 'g/first', 'g/second', 'g/third']);
  });

  test('of one call is never in the trail of another that runs at the same time', async () => {
    const story = (name: string) =>
      span(`${name}/story`, async () => {
        for (let i = 0; i < 5; i++) await span(`${name}/step`, () => sleep(1));
      });
    await Promise.all([story('a'), story('b')]);
    await sleep(0);
    const trails = (name: string) =>
      new Set(heard.filter((one) => one.name.startsWith(name)).map(({ trail }) => trail));
    assert.deepEqual([trails('a').size, trails('b').size], [1, 1]);
    assert.notDeepEqual(trails('a'), trails('b'));
  });
});

test('without anyone who listens, the verb runs all the same', async () => {
  assert.equal(
    span('a/quiet', () => 7),
    7,
  );
  assert.equal(await span('a/quiet', async () => 8), 8);
});
