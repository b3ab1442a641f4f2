import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomFrom } from '../../src/policy/cedar/generate.testing.ts';
import { readCorpus } from './corpus.ts';
import { type Finished, fuzzLoop } from './loop.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutate.ts';
import { runModule } from './run.ts';
import type { Input, Target } from './target.ts';
import { targetNames } from './targets.ts';

/** A reader of `key=value` pairs; what a test plants in it is in `check`. */
const toy = (check: (input: Input) => string): Target => ({
  holds: 'the toy holds',
  dictionary: ['key=', '&'],
  inputBytesMax: 200,
  millisecondsMax: 200,
  reaches: [],
  seeds: () => ['key=value&other=1', 'a=b'],
  open: () => ({ check }),
});

const options = {
  seed: 7,
  seconds: 30,
  corpus: [],
  minimiseSecondsMax: 5,
  before: () => undefined,
  progress: () => undefined,
};

const twoKeys = toy((input) => {
  const keys = input.split('&').map((pair) => pair.split('=')[0]);
  assert.ok(keys.filter((key) => key === 'key').length < 2, 'the key came twice');
  return `${Math.min(keys.length, 4)} keys`;
});

describe('the fuzzer', () => {
  test('finds what a mutation leads to, and makes it as short as it goes', async () => {
    const { failure } = await fuzzLoop(twoKeys, options);
    assert.match(failure?.says ?? '', /the key came twice/);
    assert.equal(failure?.input, 'key&key');
  });

  test('makes the same inputs from the same seed, and others from another', async () => {
    const seen = async (seed: number) => {
      const inputs: Input[] = [];
      const before = (input: Input) => inputs.push(input);
      await fuzzLoop(
        toy((input) => `${input.length % 7}`),
        { ...options, seed, seconds: 0.3, before },
      );
      return inputs;
    };
    const [first, again, other] = [await seen(1), await seen(1), await seen(2)];
    const length = Math.min(first.length, again.length, other.length, 2000);
    assert.ok(length > 10);
    assert.deepEqual(first.slice(0, length), again.slice(0, length));
    assert.notDeepEqual(first.slice(0, length), other.slice(0, length));
  });

  test('replays the corpus before anything else', async () => {
    const order: Input[] = [];
    const before = (input: Input) => order.push(input);
    await fuzzLoop(
      toy(() => 'seen'),
      { ...options, seconds: 0.01, corpus: ['once found'], before },
    );
    assert.deepEqual(order.slice(0, 3), ['once found', 'key=value&other=1', 'a=b']);
  });

  test('goes on from inputs with an outcome that was not seen before', async () => {
    // Each letter alone tells nothing; to reach the fourth, the first three have to be kept.
    const ladder = toy((input) => {
      const steps = ['k', 'ke', 'key', 'key#', 'key#9'].filter((step) => input.startsWith(step)).length;
      assert.ok(steps < 5, 'the top of the ladder');
      return `step ${steps}`;
    });
    const { failure } = await fuzzLoop(ladder, options);
    assert.equal(failure?.input, 'key#9');
  });

  test('minds an input that takes too long', async () => {
    const slow = toy((input) => {
      for (const end = performance.now() + 90; input.includes('%') && performance.now() < end; );
      return 'read';
    });
    const { failure } = await fuzzLoop({ ...slow, millisecondsMax: 60 }, options);
    assert.match(failure?.says ?? '', /SlowInput: took .* three times/);
    assert.match(failure?.input ?? '', /%/);
  });

  test('keeps inputs within their bound', () => {
    const random = randomFrom(3);
    let input = 'a';
    for (let time = 0; time < 2000; time++) {
      input = mutate(random, twoKeys, input, 'b=c');
      assert.ok(input.length <= twoKeys.inputBytesMax && /^[\0-\u00ff]*$/.test(input));
    }
  });
});

/** A target as a module, which is how a thread gets it. */
const moduleWith = (check: string) =>
  `data:text/javascript,${encodeURIComponent(`
    export const target = {
      holds: 'holds', dictionary: [], inputBytesMax: 100, millisecondsMax: 60000, reaches: [],
      seeds: () => ['a'], open: () => ({ check: (input) => { ${check} } }),
    };`)}`;

describe('an input that its thread does not survive', () => {
  const run = (check: string, hangSeconds = 30): Promise<Finished> =>
    runModule(moduleWith(check), [], { seed: 1, seconds: 50, hangSeconds, memoryMegabytesMax: 64 });

  test('is told where it never ends', async () => {
    const { failure } = await run(`while (input.includes('/')); return 'read'`, 1);
    assert.match(failure?.says ?? '', /does not end within 1 s/);
    assert.match(failure?.input ?? '', /\//);
  });

  test('is told where it takes all memory', async () => {
    const { failure } = await run(
      `const all = []; while (input.includes('/')) all.push({ all: [all] }); return 'read'`,
    );
    assert.match(failure?.says ?? '', /more than 64 MB/);
    assert.match(failure?.input ?? '', /\//);
  });
});

test('a shortest input is found though pieces hang together', async () => {
  const isPaired = (input: Input) => input.includes('[') && input.indexOf('[') < input.lastIndexOf(']');
  assert.equal(await minimise('xx[yy{zz}]ww', isPaired, 5), '[]');
});

test('every target has a corpus that is kept', () => {
  for (const name of targetNames) assert.ok(readCorpus(name).length > 0, `no corpus for ${name}`);
});
